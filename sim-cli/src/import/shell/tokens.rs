//! The words and operators of a shell script.

/// A word or an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word without its quotes.
    Word {
        /// The text; `$NAME`, `$(…)` and backticks stay as written.
        text: String,
        /// Whether any part of it was quoted: then it is no reserved word.
        quoted: bool,
    },
    /// `;` or a newline.
    Then,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|` or `|&`.
    Pipe,
    /// `&`.
    Background,
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `;;` between the branches of a `case`.
    CaseEnd,
    /// `>`, `>>`, `&>`: the next word is a file that is written.
    Write,
    /// `<`, `>&`, `<<<`: the next word belongs to the redirection.
    Read,
}

/// Splits a script. An open quote ends with the text.
pub(super) fn tokens(script: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        chars: script.chars().collect(),
        at: 0,
        tokens: Vec::new(),
        heredocs: Vec::new(),
    };
    while lexer.step() {}
    lexer.tokens
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    tokens: Vec<Token>,
    /// Words that end the here-documents which begin on the next line.
    heredocs: Vec<String>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn push(&mut self, token: Token, length: usize) {
        self.tokens.push(token);
        self.at += length;
    }

    /// Reads one token; `false` at the end.
    fn step(&mut self) -> bool {
        let Some(next) = self.peek(0) else { return false };
        match (next, self.peek(1)) {
            ('\n', _) => {
                self.push(Token::Then, 1);
                self.skip_heredocs();
            }
            ('\\', Some('\n')) => self.at += 2,
            (white, _) if white.is_whitespace() => self.at += 1,
            ('#', _) => {
                while self.peek(0).is_some_and(|next| next != '\n') {
                    self.at += 1;
                }
            }
            (';', Some(';')) => self.push(Token::CaseEnd, 2),
            (';', _) => self.push(Token::Then, 1),
            ('&', Some('&')) => self.push(Token::And, 2),
            ('&', Some('>')) | ('>', Some('>' | '|')) => self.push(Token::Write, 2),
            ('&', _) => self.push(Token::Background, 1),
            ('|', Some('|')) => self.push(Token::Or, 2),
            ('|', Some('&')) => self.push(Token::Pipe, 2),
            ('|', _) => self.push(Token::Pipe, 1),
            ('(', _) => self.push(Token::Open, 1),
            (')', _) => self.push(Token::Close, 1),
            ('>' | '<', Some('&')) => self.push(Token::Read, 2),
            ('>', _) => self.push(Token::Write, 1),
            ('<', Some('<')) if self.peek(2) == Some('<') => self.push(Token::Read, 3),
            ('<', Some('<')) => self.heredoc(),
            ('<', _) => self.push(Token::Read, 1),
            _ => self.word(),
        }
        true
    }

    /// Reads a word; a number just before a redirection belongs to that.
    fn word(&mut self) {
        let start = self.at;
        let (text, quoted) = self.word_text();
        let is_descriptor = !quoted
            && matches!(self.peek(0), Some('<' | '>'))
            && self.at > start
            && text.chars().all(|digit| digit.is_ascii_digit());
        if !is_descriptor {
            self.tokens.push(Token::Word { text, quoted });
        }
    }

    fn word_text(&mut self) -> (String, bool) {
        let mut text = String::new();
        let mut quoted = false;
        while let Some(next) = self.peek(0) {
            match next {
                '\'' => {
                    quoted = true;
                    self.at += 1;
                    while let Some(inner) = self.peek(0).filter(|&inner| inner != '\'') {
                        text.push(inner);
                        self.at += 1;
                    }
                    self.at += 1;
                }
                '"' => {
                    quoted = true;
                    self.double_quoted(&mut text);
                }
                '\\' => {
                    if let Some(escaped) = self.peek(1).filter(|&escaped| escaped != '\n') {
                        quoted = true;
                        text.push(escaped);
                    }
                    self.at += 2;
                }
                '$' | '`' => self.expansion(&mut text),
                ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                _ if next.is_whitespace() => break,
                _ => {
                    text.push(next);
                    self.at += 1;
                }
            }
        }
        self.at = self.at.min(self.chars.len());
        (text, quoted)
    }

    /// What stands between double quotes; the backslash is kept except before what it protects.
    fn double_quoted(&mut self, text: &mut String) {
        self.at += 1;
        while let Some(next) = self.peek(0) {
            match next {
                '"' => break,
                '\\' => {
                    match self.peek(1) {
                        Some('\n') | None => {}
                        Some(protected @ ('"' | '\\' | '$' | '`')) => text.push(protected),
                        Some(other) => text.extend(['\\', other]),
                    }
                    self.at += 2;
                }
                '$' | '`' => self.expansion(text),
                _ => {
                    text.push(next);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
    }

    /// Copies `$(…)`, `${…}` or `` `…` `` with its inner brackets, or a lone `$`.
    fn expansion(&mut self, text: &mut String) {
        let (open, close) = match (self.peek(0), self.peek(1)) {
            (Some('`'), _) => ('`', '`'),
            (_, Some('(')) => ('(', ')'),
            (_, Some('{')) => ('{', '}'),
            _ => {
                text.push('$');
                self.at += 1;
                return;
            }
        };
        if open != '`' {
            text.push('$');
            self.at += 1;
        }
        text.push(open);
        self.at += 1;
        let mut depth = 1_usize;
        while let Some(next) = self.peek(0) {
            text.push(next);
            self.at += 1;
            if next == close {
                depth -= 1;
            } else if next == open {
                depth += 1;
            }
            if depth == 0 {
                break;
            }
        }
    }

    /// Notes the word that ends a here-document.
    fn heredoc(&mut self) {
        self.at += 2;
        while self.peek(0).is_some_and(|next| matches!(next, '-' | ' ' | '\t')) {
            self.at += 1;
        }
        let (end, _) = self.word_text();
        self.heredocs.push(end);
    }

    /// Passes over the here-documents that the line before announced.
    fn skip_heredocs(&mut self) {
        for end in std::mem::take(&mut self.heredocs) {
            while self.at < self.chars.len() {
                let rest = self.chars.get(self.at..).unwrap_or_default();
                let line: String = rest.iter().take_while(|&&next| next != '\n').collect();
                self.at = (self.at + line.chars().count() + 1).min(self.chars.len());
                if line.trim() == end {
                    break;
                }
            }
        }
    }
}
