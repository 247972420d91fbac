//! From tokens to simple commands, each with what the loops, branches and groups around it mean for it.

use super::rounds::rounds;
use super::tokens::Token;
use super::{Command, Reached, Separator};

/// The simple commands, and whether there is any control flow.
pub(super) fn commands(tokens: &[Token]) -> (Vec<Command>, bool) {
    let mut builder = Builder::default();
    for (at, token) in tokens.iter().enumerate() {
        builder.take(token, tokens.get(at + 1));
    }
    builder.finish_command();
    (builder.commands, builder.has_control_flow)
}

/// A construct whose end has not come yet.
struct Frame {
    kind: Kind,
    /// The first command inside.
    start: usize,
    /// The first command of the list that the construct is part of.
    list_start: usize,
    /// Whether that list began with a test.
    after_test: bool,
    /// Whether the script reaches it.
    reached: Reached,
}

enum Kind {
    /// `( … )`, `{ … }` or a function.
    Group,
    /// `if`, with the number of the branch; 0 while in the first condition.
    If(u32),
    /// `case`, with the number of the branch, and whether a pattern is being read.
    Case(u32, bool),
    /// A loop with its number of rounds, if known, and whether something may leave it earlier.
    Loop(Option<u64>, bool),
}

/// What the next words are, if not a command.
#[derive(Default, PartialEq, Eq)]
enum Header {
    #[default]
    None,
    /// The variable and the list of a `for`.
    For(Vec<String>),
    /// Inside `for (( … ))`, with the number of open parentheses.
    Arithmetic(u32),
    /// Between `case` and `in`.
    Case,
    /// The name of a function.
    Function,
    /// The target of `>`, or of another redirection.
    Redirection { writes: bool },
}

#[derive(Default)]
struct Builder {
    commands: Vec<Command>,
    frames: Vec<Frame>,
    functions: Vec<String>,
    open_loops: usize,
    has_control_flow: bool,
    // The command under construction.
    words: Vec<String>,
    assignments: Vec<(String, String)>,
    writes: Vec<String>,
    exec: bool,
    header: Header,
    /// What stands before the next command.
    joined_by: Option<Separator>,
    list_start: usize,
    after_test: bool,
}

impl Builder {
    fn take(&mut self, token: &Token, next: Option<&Token>) {
        if self.take_header(token) {
            return;
        }
        if let Some(Frame {
            kind: Kind::Case(_, pattern),
            ..
        }) = self.frames.last_mut()
            && *pattern
        {
            match token {
                Token::Close => *pattern = false,
                Token::Word { text, quoted: false } if text == "esac" => self.close(),
                _ => {}
            }
            return;
        }
        match token {
            Token::Word { text, quoted } => self.word(text, *quoted),
            Token::Then => self.end_list(),
            Token::And => self.join(Separator::And),
            Token::Or => self.join(Separator::Or),
            Token::Pipe => self.join(Separator::Pipe),
            Token::Background => {
                self.finish_command();
                for command in self.commands.get_mut(self.list_start..).unwrap_or_default() {
                    command.background = true;
                }
                self.end_list();
            }
            // `name()` defines a function; its body is read as if it ran here, once.
            Token::Open if self.words.len() == 1 && next == Some(&Token::Close) => {
                self.has_control_flow = true;
                self.functions.append(&mut self.words);
            }
            Token::Open => self.open(Kind::Group),
            Token::Close => {
                if matches!(self.frames.last(), Some(Frame { kind: Kind::Group, .. })) {
                    self.finish_command();
                    self.close();
                }
            }
            Token::CaseEnd => {
                self.end_list();
                if let Some(Frame {
                    kind: Kind::Case(branch, pattern),
                    ..
                }) = self.frames.last_mut()
                {
                    *branch += 1;
                    *pattern = true;
                }
            }
            Token::Write => self.header = Header::Redirection { writes: true },
            Token::Read => self.header = Header::Redirection { writes: false },
        }
    }

    /// Takes a token that belongs to a construct's header; `false` if it does not.
    fn take_header(&mut self, token: &Token) -> bool {
        match (&mut self.header, token) {
            (Header::None, _) => return false,
            (Header::Redirection { writes }, Token::Word { text, .. }) => {
                if *writes && text != "/dev/null" && !text.starts_with("/dev/std") && !text.starts_with("/proc/") {
                    self.writes.push(text.clone());
                }
                self.header = Header::None;
            }
            (Header::Redirection { .. }, _) => {
                self.header = Header::None;
                return false;
            }
            (Header::For(words), Token::Word { text, .. }) if text == "do" => {
                let rounds = rounds(words);
                self.header = Header::None;
                self.open(Kind::Loop(rounds, false));
            }
            (Header::For(words), Token::Word { text, .. }) => words.push(text.clone()),
            (Header::For(_), Token::Open) => self.header = Header::Arithmetic(1),
            (Header::Arithmetic(depth), Token::Open) => *depth += 1,
            (Header::Arithmetic(depth), Token::Close) => *depth = depth.saturating_sub(1),
            (Header::Arithmetic(0), Token::Word { text, .. }) if text == "do" => {
                self.header = Header::None;
                self.open(Kind::Loop(None, false));
            }
            (Header::Case, Token::Word { text, quoted: false }) if text == "in" => {
                self.header = Header::None;
                self.open(Kind::Case(1, true));
            }
            (Header::For(_) | Header::Arithmetic(_) | Header::Case, _) => {}
            (Header::Function, Token::Word { text, .. }) => {
                self.functions.push(text.clone());
                self.header = Header::None;
            }
            (Header::Function, _) => self.header = Header::None,
        }
        true
    }

    fn word(&mut self, text: &str, quoted: bool) {
        let first = self.words.is_empty() && !quoted;
        if first && self.assignments.is_empty() && !self.exec && self.reserved(text) {
            return;
        }
        if self.words.is_empty() {
            // A quoted value does not make `NAME="value"` another kind of word.
            if let Some((name, value)) = text.split_once('=').filter(|(name, _)| is_name(name)) {
                self.assignments.push((name.to_owned(), value.to_owned()));
                return;
            }
            if first && text == "exec" {
                self.exec = true;
                return;
            }
        }
        self.words.push(text.to_owned());
    }

    /// Acts on a reserved word; `false` if it is an ordinary word.
    fn reserved(&mut self, text: &str) -> bool {
        match text {
            "if" => self.open(Kind::If(0)),
            "then" | "elif" | "else" => {
                if let Some(Frame {
                    kind: Kind::If(branch), ..
                }) = self.frames.last_mut()
                {
                    // The condition behind `elif` counts as a branch: it is rarely reached.
                    *branch += 1;
                }
                self.start_list();
            }
            "while" | "until" => self.open(Kind::Loop(None, false)),
            "for" | "select" => {
                self.has_control_flow = true;
                self.header = Header::For(Vec::new());
            }
            "case" => {
                self.has_control_flow = true;
                self.header = Header::Case;
            }
            "function" => {
                self.has_control_flow = true;
                self.header = Header::Function;
            }
            "{" => self.open(Kind::Group),
            "fi" | "done" | "esac" | "}" => {
                if self.closes(text) {
                    self.close();
                }
            }
            "do" => self.start_list(),
            "!" | "time" => {}
            _ => return false,
        }
        true
    }

    fn closes(&self, word: &str) -> bool {
        self.frames.last().is_some_and(|frame| {
            matches!(
                (word, &frame.kind),
                ("fi", Kind::If(_)) | ("done", Kind::Loop(..)) | ("esac", Kind::Case(..)) | ("}", Kind::Group)
            )
        })
    }

    fn open(&mut self, kind: Kind) {
        self.finish_command();
        if !matches!(kind, Kind::Group) {
            self.has_control_flow = true;
        }
        let reached = self.reached(self.joined_by.unwrap_or(Separator::Then));
        self.frames.push(Frame {
            kind,
            start: self.commands.len(),
            list_start: self.list_start,
            after_test: self.after_test,
            reached,
        });
        self.list_start = self.commands.len();
        self.after_test = false;
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.finish_command();
        self.list_start = frame.list_start;
        self.after_test = frame.after_test;
        self.joined_by = None;
        if let Kind::Loop(rounds, leaves) = frame.kind {
            let rounds = rounds.filter(|_| !leaves);
            for command in self.commands.get_mut(frame.start..).unwrap_or_default() {
                if let Some(rounds) = rounds {
                    command.times = command.times.saturating_mul(rounds);
                } else {
                    command.open_loop = Some(self.open_loops);
                }
            }
            self.open_loops += usize::from(rounds.is_none());
        }
    }

    fn join(&mut self, by: Separator) {
        self.finish_command();
        self.joined_by = Some(by);
    }

    fn end_list(&mut self) {
        self.finish_command();
        self.start_list();
    }

    fn start_list(&mut self) {
        self.joined_by = None;
        self.list_start = self.commands.len();
        self.after_test = false;
    }

    fn finish_command(&mut self) {
        let words = std::mem::take(&mut self.words);
        let assignments = std::mem::take(&mut self.assignments);
        let writes = std::mem::take(&mut self.writes);
        let exec = std::mem::take(&mut self.exec);
        if words.is_empty() && assignments.is_empty() && writes.is_empty() {
            return;
        }
        let joined_by = self.joined_by.take().unwrap_or(Separator::Then);
        let first = words.first().map(String::as_str).unwrap_or_default();
        let reached = self.reached(joined_by);
        if matches!(first, "[" | "[[" | "test") {
            self.after_test = true;
        }
        if matches!(first, "break" | "exit" | "return") {
            for frame in &mut self.frames {
                if let Kind::Loop(_, leaves) = &mut frame.kind {
                    *leaves = true;
                }
            }
        }
        // A function's body was read where it is defined.
        if self.functions.iter().any(|function| function == first) {
            return;
        }
        self.commands.push(Command {
            words,
            assignments,
            writes,
            joined_by,
            background: false,
            exec,
            reached,
            times: 1,
            open_loop: None,
        });
    }

    /// Whether a command that begins here is reached.
    fn reached(&self, joined_by: Separator) -> Reached {
        let around = self.frames.last().map_or(Reached::Always, |frame| {
            let branch = match frame.kind {
                Kind::Group | Kind::Loop(..) | Kind::If(0) => Reached::Always,
                Kind::If(1) | Kind::Case(1, _) => Reached::Perhaps,
                Kind::If(_) | Kind::Case(..) => Reached::Rarely,
            };
            branch.max(frame.reached)
        });
        let here = match joined_by {
            _ if self.after_test => Reached::Perhaps,
            Separator::Or => Reached::Rarely,
            Separator::Then | Separator::And | Separator::Pipe => Reached::Always,
        };
        around.max(here)
    }
}

/// Whether it can be the name of a variable.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|next| next.is_ascii_alphanumeric() || next == '_')
}
