//! One-page reports.

use std::io::Write as _;

use clap::Args;

use super::Named;
use crate::output::OutputFile;
use crate::output::html::{self, Section};

/// Where the one-page report goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct HtmlArgs {
    /// Also write one HTML page with the result, its pictures and the scenario; it needs nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<std::path::PathBuf>,
}

impl HtmlArgs {
    /// Opens the file, before the runs, so that a typing error costs nothing.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn open(&self) -> anyhow::Result<Option<Page>> {
        let file = self.html.as_deref().map(OutputFile::open).transpose()?;
        Ok(file.map(Page))
    }
}

/// A page that is asked for and not yet written.
pub(crate) struct Page(OutputFile);

impl Page {
    /// Whether it goes to stdout.
    pub(crate) fn is_stdout(&self) -> bool {
        self.0.is_stdout()
    }

    /// Writes the page of a result: what was printed, the figures, the scenario with the source of every value.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn write_result(
        self,
        title: &str,
        text: String,
        figures: &[Named],
        scenario: String,
    ) -> anyhow::Result<()> {
        let mut sections = vec![Section::Text {
            title: "Result".to_owned(),
            text,
        }];
        for figure in figures {
            sections.extend(figure.section()?);
        }
        sections.push(Section::Folded {
            title: "Scenario, with the source of every value".to_owned(),
            text: scenario,
        });
        self.write(title, &sections)
    }

    /// Writes a page of these sections.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn write(mut self, title: &str, sections: &[Section]) -> anyhow::Result<()> {
        self.0.write_all(html::page(title, sections).as_bytes())?;
        self.0.commit()
    }
}
