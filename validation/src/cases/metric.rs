//! What a statement can be about: names of metrics, and what each measures.
//!
//! | name | measures |
//! |---|---|
//! | `C_count` | failed requests with code C, mean per event |
//! | `C_fraction` | their share of all requests from the event on |
//! | `C_fraction_in_window` | their share between the first and the last failure of any code, mean over events |
//! | `ratio_C_to_D` | requests with code C divided by those with D |
//! | `C_ratio_to_run_LABEL` | `C_count` divided by that of another run |
//! | `reduction_of_C_count` | 1 − last run / first run |
//! | `start_side_C` | failures because of pods that do not serve yet, mean per event |
//! | `error_window_s` | first to last failed request of an event, mean over events that have any |
//! | `error_window_per_pod_s` | the same of requests sent to one deleted pod, mean over pods |
//! | `alb_dereg_propagation_s` | deregistration accepted to the last ALB node that stops choosing the target, mean |
//! | `alb_dereg_propagation_sd_s`, `…_tail_s` | their standard deviation, their largest (also `propagation_tail_s`) |
//! | `controller_lag_s` | deletion to `draining`, read off by polling once a second, mean |
//! | `draining_state_lifetime_s` | `draining` to `unused` (or the end of the run), mean |
//! | `register_to_first_success_s` | registration accepted to the first ALB node that chooses the target, mean |
//! | `hc_detect_s` | server fails its check to an ALB node that calls it unhealthy, mean |
//!
//! C is `502`, `503`, `504` or `5xx`.

use std::fmt;

/// Which failed requests are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codes {
    /// 500 and above.
    All5xx,
    /// Bad gateway.
    C502,
    /// Service unavailable.
    C503,
    /// Gateway timeout.
    C504,
    /// The client saw no HTTP answer at all.
    ConnectionError,
}

impl Codes {
    const ALL: [(&'static str, Codes); 5] = [
        ("5xx", Codes::All5xx),
        ("502", Codes::C502),
        ("503", Codes::C503),
        ("504", Codes::C504),
        ("conn_error", Codes::ConnectionError),
    ];

    /// Reads its name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, codes)| *codes)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let of = Self::ALL.iter().find(|(_, codes)| *codes == self);
        of.expect("the table has every variant").0
    }

    /// Splits a leading or trailing name off, with the underscore beside it.
    fn prefix(text: &str) -> Option<(Self, &str)> {
        Self::ALL
            .iter()
            .find_map(|(name, codes)| Some((*codes, text.strip_prefix(name)?.strip_prefix('_')?)))
    }
}

/// A metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Metric {
    /// `C_count`.
    Count(Codes),
    /// `C_fraction`.
    Fraction(Codes),
    /// `C_fraction_in_window`.
    FractionInWindow(Codes),
    /// `ratio_C_to_D`.
    Ratio(Codes, Codes),
    /// `C_ratio_to_run_LABEL`.
    RatioToRun(Codes, String),
    /// `reduction_of_C_count`.
    Reduction(Codes),
    /// `start_side_C`.
    StartSide(Codes),
    /// `error_window_s`.
    ErrorWindow,
    /// `error_window_per_pod_s`.
    ErrorWindowPerPod,
    /// `alb_dereg_propagation_s`.
    Propagation,
    /// `alb_dereg_propagation_sd_s`.
    PropagationSd,
    /// `alb_dereg_propagation_tail_s`, `propagation_tail_s`.
    PropagationTail,
    /// `controller_lag_s`.
    ControllerLag,
    /// `draining_state_lifetime_s`.
    DrainingLifetime,
    /// `register_to_first_success_s`.
    RegisterToFirstSuccess,
    /// `hc_detect_s`.
    HealthCheckDetection,
    /// A metric of a mechanism that the model does not have.
    OfAnotherMechanism(&'static str),
}

/// Metrics with a name of their own.
const NAMED: [(&str, Metric); 10] = [
    ("error_window_s", Metric::ErrorWindow),
    ("error_window_per_pod_s", Metric::ErrorWindowPerPod),
    ("alb_dereg_propagation_s", Metric::Propagation),
    ("alb_dereg_propagation_sd_s", Metric::PropagationSd),
    ("alb_dereg_propagation_tail_s", Metric::PropagationTail),
    ("propagation_tail_s", Metric::PropagationTail),
    ("controller_lag_s", Metric::ControllerLag),
    ("draining_state_lifetime_s", Metric::DrainingLifetime),
    ("register_to_first_success_s", Metric::RegisterToFirstSuccess),
    ("hc_detect_s", Metric::HealthCheckDetection),
];

/// Metrics of network load balancers and of listeners, which the model does not have.
const OTHERS: [&str; 6] = [
    "nlb_dereg_propagation_s",
    "after_unhealthy_s",
    "old_tg_traffic_s",
    "time_to_stop_s",
    "equivalent_outage_s",
    "equivalent_outage_per_pod_s",
];

impl Metric {
    /// Reads its name.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((_, metric)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Some(metric.clone());
        }
        if let Some(name) = OTHERS.iter().find(|name| **name == text) {
            return Some(Metric::OfAnotherMechanism(name));
        }
        if let Some(codes) = text.strip_prefix("start_side_") {
            return Codes::parse(codes).map(Metric::StartSide);
        }
        if let Some(rest) = text.strip_prefix("reduction_of_") {
            let (codes, rest) = Codes::prefix(rest)?;
            return (rest == "count").then_some(Metric::Reduction(codes));
        }
        if let Some(rest) = text.strip_prefix("ratio_") {
            let (above, rest) = Codes::prefix(rest)?;
            let below = Codes::parse(rest.strip_prefix("to_")?)?;
            return Some(Metric::Ratio(above, below));
        }
        let (codes, rest) = Codes::prefix(text)?;
        match rest {
            "count" => Some(Metric::Count(codes)),
            "fraction" => Some(Metric::Fraction(codes)),
            "fraction_in_window" => Some(Metric::FractionInWindow(codes)),
            _ => {
                let label = rest.strip_prefix("ratio_to_run_").filter(|label| !label.is_empty())?;
                Some(Metric::RatioToRun(codes, label.to_owned()))
            }
        }
    }

    /// Every name that [`Metric::parse`] takes, patterns with C for a code.
    pub fn names() -> Vec<&'static str> {
        let patterns = [
            "C_count",
            "C_fraction",
            "C_fraction_in_window",
            "ratio_C_to_C",
            "C_ratio_to_run_LABEL",
            "reduction_of_C_count",
            "start_side_C",
        ];
        let named = NAMED.iter().map(|(name, _)| *name);
        patterns.into_iter().chain(named).chain(OTHERS).collect()
    }

    /// Unit in text.
    pub fn unit(&self) -> &'static str {
        match self {
            Metric::Count(_) | Metric::StartSide(_) => "per event",
            Metric::Fraction(_)
            | Metric::FractionInWindow(_)
            | Metric::Ratio(..)
            | Metric::RatioToRun(..)
            | Metric::Reduction(_)
            | Metric::OfAnotherMechanism(_) => "",
            _ => "s",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Count(codes) => write!(f, "{}_count", codes.name()),
            Metric::Fraction(codes) => write!(f, "{}_fraction", codes.name()),
            Metric::FractionInWindow(codes) => write!(f, "{}_fraction_in_window", codes.name()),
            Metric::Ratio(above, below) => write!(f, "ratio_{}_to_{}", above.name(), below.name()),
            Metric::RatioToRun(codes, label) => write!(f, "{}_ratio_to_run_{label}", codes.name()),
            Metric::Reduction(codes) => write!(f, "reduction_of_{}_count", codes.name()),
            Metric::StartSide(codes) => write!(f, "start_side_{}", codes.name()),
            Metric::OfAnotherMechanism(name) => f.write_str(name),
            named => {
                let of = NAMED.iter().find(|(_, metric)| metric == named);
                f.write_str(of.expect("the table has every other variant").0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_alike() {
        let names = [
            "5xx_count",
            "502_fraction",
            "502_fraction_in_window",
            "ratio_504_to_502",
            "502_ratio_to_run_none",
            "reduction_of_5xx_count",
            "start_side_5xx",
            "error_window_s",
            "alb_dereg_propagation_tail_s",
            "nlb_dereg_propagation_s",
        ];
        for name in names {
            let metric = Metric::parse(name).unwrap_or_else(|| panic!("{name} is a metric"));
            assert_eq!(metric.to_string(), name);
        }
    }

    #[test]
    fn what_is_no_metric_is_refused() {
        for text in [
            "",
            "502",
            "502_",
            "502_counts",
            "ratio_502_502",
            "5yy_count",
            "reduction_of_5xx",
            "502_ratio_to_run_",
        ] {
            assert_eq!(Metric::parse(text), None, "{text}");
        }
    }
}
