//! Files that a hook changes, and what their names say.

use super::Hook;

/// The files that a program changes with these arguments.
pub(super) fn changed<'a>(program: &str, arguments: &'a [String]) -> Vec<&'a str> {
    let short = |letter: char| {
        arguments
            .iter()
            .any(|argument| argument.starts_with('-') && !argument.starts_with("--") && argument.contains(letter))
    };
    let mut files = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with('-') && !argument.is_empty());
    match program {
        "rm" | "mv" | "touch" | "truncate" | "tee" | "unlink" | "shred" | "ln" | "mkdir" | "rmdir" => files.collect(),
        "cp" | "install" => files.next_back().into_iter().collect(),
        // The first word is the edit itself, unless `-e` or `-f` brings it.
        "sed" | "perl" if short('i') || arguments.iter().any(|argument| argument.starts_with("--in-place")) => {
            let edit = arguments
                .iter()
                .position(|argument| argument.starts_with('-') && argument.ends_with('e'));
            match edit.and_then(|at| arguments.get(at + 1)) {
                Some(edit) => files.filter(|file| file != edit).collect(),
                None => files.skip(1).collect(),
            }
        }
        _ => Vec::new(),
    }
}

/// Notes that a file is changed, and what its name says about it.
pub(super) fn note(hook: &mut Hook, how: &str, file: &str) {
    hook.changes_files = true;
    let name = file
        .rsplit('/')
        .find(|part| !part.is_empty())
        .unwrap_or(file)
        .to_ascii_lowercase();
    let source = [".py", ".js", ".mjs", ".cjs", ".ts", ".rb"];
    if source.iter().any(|ending| name.ends_with(ending)) {
        hook.changes_source = true;
    }
    let about = [
        "health", "ready", "readi", "alive", "drain", "maint", "shutdown", "shutting", "terminat", "lameduck",
        "prestop", "pre-stop",
    ];
    let is_log = [".log", ".pid"].iter().any(|ending| name.ends_with(ending));
    if let Some(word) = about.iter().find(|word| name.contains(**word))
        && !is_log
        && hook.fails_health.is_none()
    {
        hook.fails_health = Some(format!("it {how} `{file}`, whose name speaks of `{word}`"));
    }
}

/// What a program does to files, as a verb.
pub(super) fn verb(program: &str) -> &'static str {
    match program {
        "rm" | "unlink" | "shred" | "rmdir" => "removes",
        "mv" => "moves",
        "sed" | "perl" | "truncate" => "edits",
        _ => "writes",
    }
}
