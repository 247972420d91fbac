//! stub
pub(crate) enum Confidence {
    Nothing,
    Named,
}
pub(crate) struct Guess {
    pub(crate) preset: sim_core::scenario::preset::Preset,
    pub(crate) why: String,
    pub(crate) confidence: Confidence,
    pub(crate) settings: Vec<(&'static str, serde_json::Value, String)>,
    pub(crate) note: Option<String>,
}
pub(crate) fn guess(_: Option<&str>, _: &[&str], _: &[&str], _: Option<i64>) -> Guess {
    Guess {
        preset: sim_core::scenario::preset::Preset::GoShutdown,
        why: "nothing".into(),
        confidence: Confidence::Nothing,
        settings: vec![],
        note: None,
    }
}
