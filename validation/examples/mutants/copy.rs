//! A copy of the model and of the oracles, with a switch at each fault.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::faults::{self, Fault};

/// The crates that are needed.
const MEMBERS: [&str; 2] = ["sim-core", "validation"];

/// In the copy `sim-core` has this module.
const SWITCHBOARD: &str = "\
//! Which deliberate fault is on.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

static ON: AtomicU32 = AtomicU32::new(0);

/// Turns on the fault of that number.
pub fn turn_on(number: u32) {
    ON.store(number, Relaxed);
}

pub(crate) fn is(number: u32) -> bool {
    ON.load(Relaxed) == number
}
";

/// In the copy `switch.rs` is this.
const SWITCH: &str = "pub(crate) fn turn_on(number: u32) { sim_core::fault::turn_on(number); }\n";

/// Copies, puts the switches in, builds; the program.
pub(crate) fn build(root: &Path) -> Result<PathBuf, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let target = std::path::absolute(&target).map_err(|error| format!("{}: {error}", target.display()))?;
    let folder = target.join("mutants");
    let workspace = folder.join("workspace");
    copy_workspace(root, &workspace).map_err(|error| format!("{}: {error}", workspace.display()))?;
    put_switches(&workspace)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .current_dir(&workspace)
        // Fewer crates than in the lock file of the whole workspace: no `--locked`, but nothing new either.
        .args(["build", "--quiet", "--offline", "--package", "validation"])
        .args(["--example", "mutants", "--config", "profile.dev.debug=false"])
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("RUSTFLAGS", "--allow warnings")
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !built.success() {
        return Err(String::from("the copy with all faults does not build"));
    }
    Ok(folder.join("target/debug/examples/mutants"))
}

fn copy_workspace(root: &Path, workspace: &Path) -> io::Result<()> {
    if workspace.exists() {
        fs::remove_dir_all(workspace)?;
    }
    for member in MEMBERS {
        copy_folder(&root.join(member), &workspace.join(member))?;
    }
    fs::copy(root.join("Cargo.lock"), workspace.join("Cargo.lock"))?;
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    fs::write(workspace.join("Cargo.toml"), with_members_only(&manifest))
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, name) = (entry.path(), entry.file_name());
        if !source.is_dir() {
            fs::copy(&source, to.join(&name))?;
        } else if name != "target" {
            copy_folder(&source, &to.join(&name))?;
        }
    }
    Ok(())
}

/// The root manifest without the other members, and without what is said about their dependencies' profiles.
fn with_members_only(manifest: &str) -> String {
    let members = MEMBERS.map(|member| format!("{member:?}")).join(", ");
    let lines = manifest.lines().map(|line| {
        if line.starts_with("members = [") {
            format!("members = [{members}]\n")
        } else if line.starts_with("exclude = [") {
            String::new()
        } else {
            format!("{line}\n")
        }
    });
    lines.collect()
}

fn put_switches(workspace: &Path) -> Result<(), String> {
    let read = |path: &Path| fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    let write =
        |path: &Path, text: String| fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()));
    let mut places: Vec<(&Fault, String)> = Vec::new();
    for (number, fault) in (1..).zip(faults::all()) {
        match places.iter_mut().find(|(place, _)| place.is_at(fault)) {
            Some((_, text)) => *text = switched(number, fault.new, text),
            None => places.push((fault, switched(number, fault.new, fault.old))),
        }
    }
    for (fault, text) in places {
        let path = workspace.join(fault.file);
        write(&path, read(&path)?.replacen(fault.old, &text, 1))?;
    }
    let lib = workspace.join("sim-core/src/lib.rs");
    write(&lib, read(&lib)? + "\npub mod fault;\n")?;
    write(&workspace.join("sim-core/src/fault.rs"), SWITCHBOARD.into())?;
    write(&workspace.join("validation/examples/mutants/switch.rs"), SWITCH.into())
}

/// Code that takes one way or the other: statements stay statements, expressions stay expressions.
fn switched(number: u32, new: &str, old: &str) -> String {
    let choice = format!("if crate::fault::is({number}) {{ {new} }} else {{ {old} }}");
    if old.ends_with([';', '}']) {
        choice
    } else {
        format!("({choice})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_stays_one() {
        assert_eq!(
            switched(3, "a", "a + 1"),
            "(if crate::fault::is(3) { a } else { a + 1 })"
        );
        assert_eq!(switched(3, "", "a();"), "if crate::fault::is(3) {  } else { a(); }");
    }

    #[test]
    fn the_copy_has_two_members() {
        let manifest = "[workspace]\nmembers = [\"sim-core\", \"sim-cli\"]\nexclude = [\"x\"]\n[profile.dev]\n";
        assert_eq!(
            with_members_only(manifest),
            "[workspace]\nmembers = [\"sim-core\", \"validation\"]\n[profile.dev]\n"
        );
    }
}
