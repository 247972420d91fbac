//! A container's command as the kernel and a shell run it, split into simple commands.
//!
//! Kubernetes starts `command` and `args` as they stand, without a shell (kubernetes §1.3.3, §6.1.4); a script needs
//! `sh -c` in front. What follows reads both. It is no shell: nothing is expanded, and what it does not know it takes
//! for an ordinary word. Crates that split words (`shlex`, `shell-words`) drop the operators, which matter most here.

mod rounds;
mod structure;
mod tokens;
pub(crate) mod wrapper;

#[cfg(test)]
mod tests;

use wrapper::Wrapped;

/// What stands before a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    /// Nothing, a semicolon, a newline or a `&`: it runs whatever the one before did.
    Then,
    /// `&&`: it runs if the one before succeeded.
    And,
    /// `||`: it runs if the one before failed.
    Or,
    /// `|`: it runs at the same time as the one before.
    Pipe,
}

/// Whether a script that goes as its author expects reaches a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reached {
    /// Nothing stands in the way.
    Always,
    /// After a test: the first branch of an `if` or `case`, or behind `[ … ] &&`.
    Perhaps,
    /// A way out: behind `||`, or another branch.
    Rarely,
}

/// A simple command of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    /// The program and its arguments without quotes; `$NAME` and `$(…)` stay as written. Never empty, unless there
    /// are `assignments` or `writes`.
    pub(crate) words: Vec<String>,
    /// `NAME=value` before the program.
    pub(crate) assignments: Vec<(String, String)>,
    /// Files it writes with `>`, `>>` or `&>`.
    pub(crate) writes: Vec<String>,
    /// What stands before it.
    pub(crate) joined_by: Separator,
    /// Whether the shell goes on without waiting for it (`&`).
    pub(crate) background: bool,
    /// Whether it replaces the shell (`exec`).
    pub(crate) exec: bool,
    /// Whether the script gets there.
    pub(crate) reached: Reached,
    /// How often loops of a known length repeat it.
    pub(crate) times: u64,
    /// The outermost loop around it whose length the script does not tell, by number.
    pub(crate) open_loop: Option<usize>,
}

/// A container's command in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    /// The simple commands in the order of the text.
    pub(crate) commands: Vec<Command>,
    /// The shell that reads the script, such as `sh`; `None` if the words are started as they stand.
    pub(crate) shell: Option<String>,
    /// Whether it has an `if`, `case`, loop or function, and so more than one way through.
    pub(crate) has_control_flow: bool,
}

impl Script {
    /// Whether a shell reads it.
    pub(crate) fn by_shell(&self) -> bool {
        self.shell.is_some()
    }
}

/// Splits the words of a container's `command` with `args`, or of a hook's `exec`.
pub(crate) fn split<S: AsRef<str>>(words: &[S]) -> Script {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    if let Some((shell, script)) = shell_script(&words) {
        let (commands, has_control_flow) = structure::commands(&tokens::tokens(script));
        return Script {
            commands,
            shell: Some(shell.to_owned()),
            has_control_flow,
        };
    }
    let command = Command {
        words: words.iter().map(|&word| word.to_owned()).collect(),
        assignments: Vec::new(),
        writes: Vec::new(),
        joined_by: Separator::Then,
        background: false,
        exec: false,
        reached: Reached::Always,
        times: 1,
        open_loop: None,
    };
    let commands = if words.is_empty() { Vec::new() } else { vec![command] };
    Script {
        commands,
        shell: None,
        has_control_flow: false,
    }
}

/// The name of a program without its directory.
pub(crate) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// The shell and the script of `sh -c script`, with any letters beside the `c`; wrappers may stand in front.
fn shell_script<'a>(words: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let Wrapped { rest, .. } = wrapper::peel_for_shell(words);
    let (&shell, options) = rest.split_first()?;
    if !is_shell(base_name(shell)) {
        return None;
    }
    let mut options = options.iter().copied();
    while let Some(option) = options.next() {
        match option {
            // These take a word of their own: `bash -o pipefail -c …`.
            "-o" | "+o" => {
                options.next();
            }
            _ if option.starts_with("--") => {}
            _ if option.starts_with(['-', '+']) && option.ends_with('o') => {
                options.next();
            }
            _ if option.starts_with('-') && option.contains('c') => {
                let script = options.find(|word| !word.starts_with('-'))?;
                return Some((base_name(shell), script));
            }
            _ if option.starts_with(['-', '+']) => {}
            _ => return None,
        }
    }
    None
}

/// Whether a program without its directory is a shell that understands `-c`.
pub(crate) fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "ash" | "dash" | "ksh" | "zsh")
}
