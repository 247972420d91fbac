//! What probably happened to a text that is no manifest: the mistake behind the parser's words.
//!
//! Nothing is guessed past such an error; only its place and its words get better.

use super::yaml_mistakes;
use crate::text::error::Diagnostic;
use crate::text::source::{Place, SourceId};

/// How archives begin.
const ARCHIVES: [(&[u8], &str); 4] = [
    (&[0x1f, 0x8b], "a gzip archive"),
    (b"PK\x03\x04", "a zip archive"),
    (b"BZh", "a bzip2 archive"),
    (&[0xfd, b'7', b'z', b'X', b'Z'], "an xz archive"),
];

/// The bytes as UTF-8 where a byte order mark says that they are UTF-16, which `kubectl` reads too.
///
/// # Errors
///
/// What is no text at all.
pub(super) fn readable(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Diagnostic> {
    if let Some((_, what)) = ARCHIVES.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(Diagnostic::new(format!("{name} is {what}"))
            .help("unpack it first; a packed chart is rendered by `helm template NAME CHART | sim import -`"));
    }
    let unit = match *bytes.as_slice() {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return Ok(bytes),
    };
    let units: Vec<u16> = bytes[2..]
        .chunks(2)
        .map(|pair| unit([pair[0], *pair.last().unwrap_or(&0)]))
        .collect();
    match String::from_utf16(&units) {
        Ok(text) if bytes.len().is_multiple_of(2) => Ok(text.into_bytes()),
        _ => Err(
            Diagnostic::new(format!("{name} begins as UTF-16 text does, but is none"))
                .help("save the file in the encoding UTF-8"),
        ),
    }
}

/// A text without any object.
pub(super) fn empty(name: &str, text: &str) -> Diagnostic {
    let body = text.trim_start_matches('\u{feff}');
    let found = if text.is_empty() {
        format!("{name} is empty (0 bytes)")
    } else if body.is_empty() {
        format!("{name} holds a byte order mark and nothing else, so no objects")
    } else if body.trim().is_empty() {
        format!("{name} holds only blank lines, so no objects")
    } else {
        format!("{name} holds only comments and empty documents, so no objects")
    };
    let mut diagnostic = Diagnostic::new(found);
    if text.is_empty() {
        diagnostic = diagnostic.note("perhaps the command that wrote it failed");
    }
    diagnostic.help("`kubectl get deploy,svc,ingress,hpa,pdb -o yaml` prints the objects of a namespace to start from")
}

/// What no manifest holds, whatever a parser makes of it.
pub(super) fn no_manifest(source: SourceId, text: &str) -> Option<Diagnostic> {
    page(source, text).or_else(|| control_character(source, text))
}

fn page(source: SourceId, text: &str) -> Option<Diagnostic> {
    let start = text.len() - text.trim_start_matches('\u{feff}').trim_start().len();
    let first = text[start..].lines().next()?;
    let lower = first.to_lowercase();
    let what = if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        "an HTML page"
    } else if lower.starts_with("<?xml") {
        "an XML document"
    } else {
        return None;
    };
    let place = Place {
        source,
        span: start..start + first.len(),
    };
    Some(
        Diagnostic::at(place, format!("this is {what}, no manifest"))
            .help("perhaps a sign-in or error page came in the place of the file: look at what was downloaded"),
    )
}

fn control_character(source: SourceId, text: &str) -> Option<Diagnostic> {
    let is_illegal = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
    let (at, c) = text.char_indices().find(|(_, c)| is_illegal(*c))?;
    let place = Place {
        source,
        span: at..at + 1,
    };
    Some(match c {
        '\0' => Diagnostic::at(place, "a NUL byte").help("the file was not written to its end: write it again"),
        '\u{1b}' => Diagnostic::at(place, "the control character 0x1b, as in the colours of a terminal")
            .help("print without colours, for example with `--color never` or NO_COLOR=1"),
        c => Diagnostic::at(place, format!("the control character 0x{:02x}", u32::from(c)))
            .help("take it away: YAML allows none"),
    })
}

/// The same problem of a text that is no YAML, in the words of what probably happened.
pub(super) fn explained(source: SourceId, text: &str, found: Diagnostic) -> Diagnostic {
    let Some(at) = found.place().map(|place| place.span.start) else {
        return found;
    };
    yaml_mistakes::find(source, text, at, found.title()).unwrap_or_else(|| {
        if found.title().starts_with("the tag `!") && is_cloud_formation(found.title()) {
            found.note("such tags are of CloudFormation templates; Kubernetes wants a plain value")
        } else {
            found
        }
    })
}

fn is_cloud_formation(title: &str) -> bool {
    let tags = [
        "Ref",
        "Sub",
        "GetAtt",
        "ImportValue",
        "Join",
        "Select",
        "If",
        "FindInMap",
    ];
    tags.iter().any(|tag| title.contains(&format!("`!{tag}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_with_a_byte_order_mark_is_read_in_both_orders() {
        let text = "kind: Pod # é\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (mark, rest) in [([0xff, 0xfe], little), ([0xfe, 0xff], big)] {
            let bytes = readable("a.yaml", [mark.as_slice(), &rest].concat()).expect("it is UTF-16");
            assert_eq!(String::from_utf8(bytes).expect("it became UTF-8"), text);
        }
    }

    #[test]
    fn half_a_character_and_lone_surrogates_are_no_utf_16() {
        for bytes in [vec![0xff, 0xfe, b'a'], vec![0xff, 0xfe, 0x00, 0xd8]] {
            let problem = readable("a.yaml", bytes).expect_err("it is broken");
            assert_eq!(problem.title(), "a.yaml begins as UTF-16 text does, but is none");
        }
    }

    #[test]
    fn archives_are_known_by_their_first_bytes() {
        let problem = readable("a.tgz", vec![0x1f, 0x8b, 8]).expect_err("it is an archive");
        assert_eq!(problem.title(), "a.tgz is a gzip archive");
        assert!(readable("a.yaml", b"kind: Pod".to_vec()).is_ok());
    }
}
