//! One page that needs nothing else: no network, no script, pictures inside.
//!
//! It is well-formed XML too, so that whatever reads either can take it apart.

use std::fmt::Write as _;

/// A part of a page.
#[derive(Debug)]
pub(crate) enum Section {
    /// Text in columns, as a terminal shows it.
    Text {
        /// Heading.
        title: String,
        /// As printed.
        text: String,
    },
    /// A picture, whose document has a title for those who cannot see it.
    Svg {
        /// The whole document for readers of light pages.
        light: String,
        /// The same for readers of dark ones.
        dark: String,
    },
    /// Long text that is folded at first.
    Folded {
        /// Heading.
        title: String,
        /// As printed.
        text: String,
    },
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;background:#fff;color:#1f2328}\
pre{font:12.5px/1.45 ui-monospace,monospace;overflow-x:auto;background:#f6f8fa;padding:1rem;border-radius:6px}\
figure{margin:1.5rem 0}svg{max-width:100%;height:auto;display:block}h2{margin-top:2.5rem}\
summary{cursor:pointer;font-weight:600;margin:1rem 0}\
.dark{display:none}\
@media screen and (prefers-color-scheme:dark){body{background:#14181d;color:#eceff3}pre{background:#1e242b}\
.light{display:none}.dark{display:block}}\
@media print{pre{font-size:9px;white-space:pre-wrap}}";

/// The page.
pub(crate) fn page(title: &str, sections: &[Section]) -> String {
    let title = escaped(title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width\"/>\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<h1>{title}</h1>\n"
    );
    for (index, section) in sections.iter().enumerate() {
        let _ = match section {
            Section::Text { title, text } => {
                writeln!(out, "<h2>{}</h2>\n<pre>{}</pre>", escaped(title), escaped(text))
            }
            Section::Svg { light, dark } => {
                let (light, dark) = (embedded(light, index, "light"), embedded(dark, index, "dark"));
                writeln!(out, "<figure>\n{light}\n{dark}\n</figure>")
            }
            Section::Folded { title, text } => writeln!(
                out,
                "<details><summary>{}</summary>\n<pre>{}</pre></details>",
                escaped(title),
                escaped(text)
            ),
        };
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// A picture as a part of the page, shown to readers of one kind of page.
fn embedded(svg: &str, index: usize, class: &str) -> String {
    // Identifiers count for the whole page, so those of two pictures must differ.
    let prefix = format!("p{index}-{class}-");
    let own = svg
        .replace("id=\"", &format!("id=\"{prefix}"))
        .replace("url(#", &format!("url(#{prefix}"))
        .replace("href=\"#", &format!("href=\"#{prefix}"))
        .replacen("<svg", &format!("<svg class=\"{class}\""), 1);
    let start = own.find("<svg").unwrap_or(0);
    own[start..].trim_end().to_owned()
}

/// As text and as the value of an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_a_scenario_cannot_leave_its_place() {
        let sections = [
            Section::Text {
                title: "a".to_owned(),
                text: "</pre><script>".to_owned(),
            },
            Section::Svg {
                light: "<?xml?><svg id=\"c\"><use href=\"#c\"/></svg>".to_owned(),
                dark: "<svg id=\"c\"><rect fill=\"url(#c)\"/></svg>\n".to_owned(),
            },
        ];
        let page = page("<shop>", &sections);
        assert!(page.contains("<h1>&lt;shop&gt;</h1>"));
        assert!(page.contains("<pre>&lt;/pre&gt;&lt;script&gt;</pre>"));
        assert!(page.contains("<svg class=\"light\" id=\"p1-light-c\"><use href=\"#p1-light-c\"/></svg>"));
        assert!(page.contains("<svg class=\"dark\" id=\"p1-dark-c\"><rect fill=\"url(#p1-dark-c)\"/></svg>"));
        assert!(!page.contains("http"), "the page needs no network");
    }
}
