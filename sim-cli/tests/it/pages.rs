//! `--html`: one page that needs nothing else.

use crate::command::{Place, test_name};
use crate::pictures::SMALL;

fn place() -> Place {
    Place::new(&test_name()).file("s.yaml", SMALL)
}

/// A page is whole, needs no network, and has each picture for light and for dark readers.
fn check_page(page: &str, pictures: usize) {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    // Every tag is closed and every value quoted, or it could not be read as XML.
    let document = roxmltree::Document::parse_with_options(page, options).expect("well-formed");
    let nodes = || document.root_element().descendants();
    let named = |name: &str| nodes().filter(|node| node.has_tag_name(name)).collect::<Vec<_>>();
    let svg = ("http://www.w3.org/2000/svg", "svg");
    assert!(
        ["head", "body", "h1", "details"]
            .iter()
            .all(|name| named(name).len() == 1)
    );
    assert_eq!(named("figure").len(), pictures);
    for figure in named("figure") {
        let children = figure.children().filter(|node| node.has_tag_name(svg));
        let classes: Vec<_> = children.map(|child| child.attribute("class")).collect();
        assert_eq!(classes, [Some("light"), Some("dark")]);
    }
    for node in nodes() {
        let name = node.tag_name().name();
        assert!(
            !["script", "link", "img", "iframe", "object", "image", "base"].contains(&name),
            "<{name}>"
        );
        for attribute in node.attributes() {
            let value = attribute.value();
            assert!(
                !attribute.name().starts_with("on") && attribute.name() != "src",
                "{attribute:?}"
            );
            assert!(attribute.name() != "href" || value.starts_with('#'), "{attribute:?}");
            assert!(!value.contains("//") && !value.contains("data:"), "{attribute:?}");
        }
    }
    let mut ids: Vec<&str> = nodes().filter_map(|node| node.attribute("id")).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "identifiers count for the whole page");
    let style = named("style")[0].text().unwrap_or_default();
    assert!(style.contains("prefers-color-scheme:dark"), "{style}");
    for loads in ["url(", "@import"] {
        assert!(!style.contains(loads), "{style}");
    }
}

#[test]
fn the_page_of_a_run_needs_no_network_and_has_warnings_sources_and_the_way_to_it() {
    let place = place();
    let run = place.sim(&["run", "s.yaml", "--replications", "2", "--html", "page.html"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let page = place.read("page.html");
    check_page(&page, 4);
    // The result as it is printed, with warnings and the way to it, and the scenario with its sources.
    for part in [
        "5xx ratio",
        "\nWarnings\n",
        "\nReproduce: sim run s.yaml --seed 1 --replications 2\n",
        "rate: 60  # s.yaml:5",
        "# default: kubernetes §1.1.1 (30 s)",
    ] {
        assert!(page.contains(part), "no {part:?}");
    }
}

#[test]
fn a_sweep_has_a_page_too_and_says_how_to_have_it_again() {
    let place = place();
    let sleep = "pod.pre_stop.sleep=0s..20s/10s";
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        sleep,
        "--set",
        "disruptions[0].at=12s",
        "--replications",
        "2",
        "--html",
        "page.html",
    ]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let page = place.read("page.html");
    check_page(&page, 2);
    let last = run.stdout.lines().last().unwrap_or_default();
    assert_eq!(
        last,
        "Reproduce: sim sweep s.yaml --set 'disruptions[0].at=12s' --vary pod.pre_stop.sleep=0s..20s/10s --seed 1 \
         --replications 2"
    );
    assert!(page.contains(&format!("\n{last}\n")) && page.contains("at: 12s  # --set disruptions[0].at=12s"));

    let sensitivity = place.sim(&[
        "sweep",
        "s.yaml",
        "--sensitivity",
        "--vary",
        "elbv2.deregister_propagation=3s..20s",
        "--points",
        "4",
        "--replications",
        "1",
        "--html",
        "page.html",
    ]);
    assert_eq!((sensitivity.status, sensitivity.stderr.as_str()), (0, ""));
    check_page(&place.read("page.html"), 1);
    assert!(sensitivity.stdout.ends_with(
        "Reproduce: sim sweep s.yaml --vary elbv2.deregister_propagation=3s..20s --sensitivity --points 4 --seed 1 \
         --replications 1\n"
    ));
}
