//! The figures of the README are what the commands beside them print; `UPDATE_EXPECT=1` rewrites those in tables.

use std::path::{Path, PathBuf};

use expect_test::expect_file;

use crate::command::{Place, test_name};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("it is there")
}

/// What `sim` prints; 1 is the status of a check that failed.
fn printed(arguments: &[&str]) -> String {
    let run = Place::new(&test_name())
        .file("live/deploy/logistics-after.yaml", manifest())
        .sim(arguments);
    assert!([0, 1].contains(&run.status), "{arguments:?}: {}", run.stderr);
    run.stdout
}

fn manifest() -> String {
    std::fs::read_to_string(root().join("live/deploy/logistics-after.yaml")).expect("it is there")
}

/// The README's blocks of shortened output, each with the command that the sentence before it names.
fn blocks(readme: &str) -> Vec<(&str, Vec<&str>)> {
    let mut command = None;
    let mut blocks = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        if let Some((before, _)) = line.split_once("`, shortened") {
            command = before.rsplit('`').next();
        } else if line.starts_with("```") {
            let block = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.extend(command.take().map(|command| (command, block)));
        }
    }
    blocks
}

#[test]
fn shortened_outputs_have_only_lines_that_are_printed() {
    let readme = readme();
    let blocks = blocks(&readme);
    let commands: Vec<&str> = blocks.iter().map(|(command, _)| *command).collect();
    assert_eq!(
        commands,
        [
            "sim check live/deploy/logistics-after.yaml --replicas 25",
            "sim run headline-before",
            "sim run headline-after",
            "sim explain rollout",
        ]
    );
    for (command, shown) in blocks {
        let arguments: Vec<&str> = command.split(' ').skip(1).collect();
        let printed = printed(&arguments);
        let mut rest = printed.lines();
        for line in shown.into_iter().filter(|line| !line.is_empty() && *line != "…") {
            assert!(
                rest.any(|printed| printed == line),
                "{command} does not print this, or not here:\n{line}\nIt prints:\n{printed}"
            );
        }
    }
}

/// The value of the line that begins with a title, up to a word that opens an explanation.
fn line_of(printed: &str, title: &str, up_to: &str) -> Option<String> {
    let line = printed.lines().find_map(|line| line.strip_prefix(title))?;
    Some(line.split(up_to).next().expect("never empty").trim().to_owned())
}

/// Mean and interval, or that there was none in so many requests.
fn ratio(printed: &str) -> String {
    let text = line_of(printed, "5xx ratio ", "  (95 %").expect("it is printed");
    let text = text.replace(" requests: below", ", below");
    text.replace(" with 95 % confidence", "")
}

/// Of the worst five seconds; a run without failures has none.
fn peak(printed: &str) -> String {
    line_of(printed, "Peak ", " of the requests").unwrap_or_else(|| "0".to_owned())
}

/// The README with the rows of the table below a line made anew: `row` gets the cells and changes what was measured.
fn with_table(readme: &str, line_before: &str, row: impl Fn(&mut [String])) -> String {
    let mut lines: Vec<String> = readme.lines().map(str::to_owned).collect();
    let start = lines
        .iter()
        .position(|line| line.starts_with(line_before))
        .expect("it is in the README");
    let is_row = |line: &String| line.starts_with('|');
    let head = start + lines[start..].iter().position(is_row).expect("a table");
    for line in lines[head + 2..].iter_mut().take_while(|line| is_row(line)) {
        let inner = line.trim_matches('|');
        let mut cells: Vec<String> = inner.split(" | ").map(|cell| cell.trim().to_owned()).collect();
        row(&mut cells);
        *line = format!("| {} |", cells.join(" | "));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// What stands in backticks.
fn name(cell: &str) -> &str {
    cell.split('`').nth(1).expect("a name in backticks")
}

fn sleeps(cells: &mut [String]) {
    let sleep = format!("pod.pre_stop.sleep={}", cells[0].replace(' ', ""));
    cells[1] = ratio(&printed(&["run", "rollout", "--set", &sleep]));
}

fn scenarios(cells: &mut [String]) {
    cells[2] = ratio(&printed(&["run", name(&cells[0])]));
}

fn policies(cells: &mut [String]) {
    let sleep = "pod.pre_stop.sleep=25s";
    let policies = "disruptions[0].hpa.behavior.scale_down.policies=[{ percent: 10, period: 60s }]";
    let setting = match cells[0].as_str() {
        "default `behavior`, no preStop" => None,
        "default `behavior`, preStop sleep of 25 s" => Some(sleep),
        other => {
            assert_eq!(
                name(other),
                policies.split_once("behavior.").expect("a path").1.replace('=', ": ")
            );
            Some(policies)
        }
    };
    let mut arguments = vec!["run", "hpa-evening-drop", "--replications", "20"];
    arguments.extend(setting.into_iter().flat_map(|setting| ["--set", setting]));
    let printed = printed(&arguments);
    cells[1] = ratio(&printed);
    cells[2] = peak(&printed);
}

fn presets(cells: &mut [String]) {
    let preset = format!("app.preset={}", name(&cells[0]));
    let printed = printed(&["run", "headline-before", "--set", &preset, "--format", "json"]);
    let result: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
    let per_run = |count: &serde_json::Value| count.as_f64().expect("a count") / 10.0;
    cells[1] = format!("{:.0}", per_run(&result["status_counts"]["502"]));
    cells[2] = format!("{:.0}", per_run(&result["status_counts"]["504"]));
    let causes = result["causes"].as_array().expect("an array").iter();
    let causes: Vec<String> = causes
        .map(|cause| {
            format!(
                "`{}` {:.1}",
                cause["cause"].as_str().expect("a name"),
                per_run(&cause["count"])
            )
        })
        .collect();
    cells[3] = if causes.is_empty() {
        "none".to_owned()
    } else {
        causes.join(", ")
    };
}

#[test]
fn tables_have_what_the_commands_print() {
    let readme = readme();
    let readme = with_table(&readme, "How long must preStop sleep?", sleeps);
    let readme = with_table(&readme, "## What takes pods away", scenarios);
    let readme = with_table(&readme, "## What an autoscaler does at night", policies);
    let readme = with_table(&readme, "## What servers do without preStop", presets);
    expect_file!["../../../README.md"].assert_eq(&readme);
}
