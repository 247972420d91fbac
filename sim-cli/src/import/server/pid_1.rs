//! Whether SIGTERM reaches the server: it goes to PID 1, which may be a shell (kubernetes §6.1).

use std::path::Path;

use serde_json::json;

use super::super::shell::{Command, Script, Separator, base_name, wrapper};
use super::command::Named;

/// Adds to a server what stands between it and SIGTERM. `at` is its command in the script, by default the last.
pub(super) fn judge<S: AsRef<str>>(words: &[S], script: &Script, at: Option<usize>, named: &mut Named) {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let at = at.unwrap_or(script.commands.len().saturating_sub(1));
    let Some(server) = script.commands.get(at) else { return };
    let init = wrapper::peel_for_shell(&words).init;
    let inner: Vec<&str> = server.words.iter().map(String::as_str).collect();
    let inner = wrapper::peel(&inner);
    if let Some(init) = init.or(inner.init.filter(|_| server.exec)) {
        named.put("app.pid_1", json!(false), format!("`{init}` is PID 1"));
    }
    let Some(shell) = &script.shell else {
        if let Some(program) = inner.rest.first()
            && (is_script(program) || super::super::shell::is_shell(base_name(program)))
        {
            let file = inner.rest.iter().find(|word| is_script(word)).unwrap_or(program);
            named
                .notes
                .push(format!("whether `{file}` starts the server with `exec` cannot be seen"));
        }
        return;
    };
    if server.exec {
        return;
    }
    if script
        .commands
        .iter()
        .any(|command| command.words.first().is_some_and(|word| word == "trap"))
    {
        named
            .notes
            .push("the script's `trap` is taken to hand SIGTERM on to the server".to_owned());
        return;
    }
    match (stays(shell, script, at, server), init) {
        (Stays::No, _) => {}
        (Stays::Perhaps(note), _) => named.notes.push(note),
        (Stays::Yes, None) => {
            let why = format!("`{shell}` is PID 1 and does not hand SIGTERM on; write `exec` before the server");
            named.put("app.sigterm", json!("ignored"), why);
        }
        (Stays::Yes, Some(init)) => {
            let why = format!(
                "SIGTERM ends `{shell}`, then `{init}` and with it the container; write `exec` before the server"
            );
            named.put("app.sigterm", json!("die_now"), why);
        }
    }
}

/// Whether a shell stays while the server runs.
enum Stays {
    Yes,
    No,
    Perhaps(String),
}

/// `sh -c "one command"` becomes that command (kubernetes §6.1.4). bash also becomes the last of several, from 5.1
/// on: seen with bash 5.2.15. dash, the `sh` of Debian, becomes neither: seen with dash 0.5.12.
fn stays(shell: &str, script: &Script, at: usize, server: &Command) -> Stays {
    let last = at + 1 == script.commands.len();
    let plain = server.joined_by != Separator::Or && server.joined_by != Separator::Pipe;
    if !last || !plain || server.background || script.has_control_flow || !server.writes.is_empty() {
        return Stays::Yes;
    }
    let alone = script.commands.len() == 1;
    match shell {
        "bash" if alone => Stays::No,
        "bash" => Stays::Perhaps(
            "bash before 5.1 would stay PID 1 and not hand SIGTERM on; write `exec` before the server".to_owned(),
        ),
        _ if alone => Stays::Perhaps(format!(
            "`{shell}` is taken to become the server; Debian's `sh` stays PID 1 and does not hand SIGTERM on: write \
             `exec` before the server"
        )),
        _ => Stays::Yes,
    }
}

/// Whether a word is the path of a shell script.
fn is_script(word: &str) -> bool {
    Path::new(word).extension().is_some_and(|extension| extension == "sh")
}
