use proptest::prelude::*;

use super::*;

#[test]
fn cpu_reads_as_kubernetes_reads_it() {
    for (text, millicores, printed) in [
        ("250m", 250, "250m"),
        ("1", 1_000, "1"),
        ("1.5", 1_500, "1500m"),
        ("0.001", 1, "1m"),
        ("2.000", 2_000, "2"),
        ("2000m", 2_000, "2"),
        ("0", 0, "0"),
        ("500000u", 500, "500m"),
        ("1k", 1_000_000, "1000"),
        ("2e1", 20_000, "20"),
        ("5e-1", 500, "500m"),
        ("18446744073709551.615", u64::MAX, "18446744073709551615m"),
    ] {
        let cpu: Cpu = text.parse().unwrap();
        assert_eq!(
            (cpu.millicores(), cpu.to_string().as_str()),
            (millicores, printed),
            "{text}"
        );
    }
}

#[test]
fn memory_reads_as_kubernetes_reads_it() {
    for (text, bytes, printed) in [
        ("256Mi", 268_435_456, "256Mi"),
        ("1Gi", 1_073_741_824, "1Gi"),
        ("1.5Gi", 1_610_612_736, "1536Mi"),
        ("512M", 512_000_000, "512M"),
        ("128974848", 128_974_848, "123Mi"),
        ("129e6", 129_000_000, "129M"),
        ("128974848000m", 128_974_848, "123Mi"),
        ("1000Ki", 1_024_000, "1024k"),
        ("1E", 1_000_000_000_000_000_000, "1E"),
        ("7", 7, "7"),
        ("0", 0, "0"),
    ] {
        let memory: Memory = text.parse().unwrap();
        assert_eq!(
            (memory.bytes(), memory.to_string().as_str()),
            (bytes, printed),
            "{text}"
        );
    }
}

#[test]
fn each_mistake_has_its_message() {
    let unknown = "Kubernetes knows n, u, m, k, M, G, T, P, E and Ki, Mi, Gi, Ti, Pi, Ei";
    for (text, message) in [
        ("", "a quantity is empty; write \"250m\" or \"1.5\"".to_string()),
        (
            "-1",
            "\"-1\" is negative; a quantity is zero or more, such as \"250m\" or \"1.5\"".to_string(),
        ),
        (
            "m",
            "\"m\" does not start with a number; write \"250m\" or \"1.5\"".to_string(),
        ),
        (
            "1.",
            "\"1.\" does not start with a number; write \"250m\" or \"1.5\"".to_string(),
        ),
        (
            "1.2.3",
            "\"1.2.3\" does not start with a number; write \"250m\" or \"1.5\"".to_string(),
        ),
        (
            "2cores",
            alloc::format!("\"2cores\" has the unknown suffix \"cores\"; {unknown}"),
        ),
        (
            "1 m",
            alloc::format!("\"1 m\" has the unknown suffix \" m\"; {unknown}"),
        ),
        (
            "1e99",
            alloc::format!("\"1e99\" has the unknown suffix \"e99\"; {unknown}"),
        ),
        (
            "0.5m",
            "\"0.5m\" is finer than a millicore; Kubernetes takes CPU in steps of \"1m\"".to_string(),
        ),
        (
            "99999999999999999999",
            "\"99999999999999999999\" is too large".to_string(),
        ),
        ("99999999E", "\"99999999E\" is too large".to_string()),
    ] {
        assert_eq!(text.parse::<Cpu>().unwrap_err().to_string(), message);
    }
    // The well-known slip: a thousandth instead of a million.
    assert_eq!(
        "400m".parse::<Memory>().unwrap_err().to_string(),
        "\"400m\" is not a whole number of bytes; \"m\" is a thousandth, \"M\" or \"Mi\" a million"
    );
}

#[test]
fn files_may_write_quantities_as_text_or_numbers() {
    for (json, millicores) in [("\"250m\"", 250), ("2", 2_000), ("0.25", 250), ("1.5", 1_500)] {
        assert_eq!(
            serde_json::from_str::<Cpu>(json).unwrap(),
            Cpu::from_millicores(millicores)
        );
    }
    assert_eq!(
        serde_json::to_string(&Cpu::from_millicores(1_500)).unwrap(),
        "\"1500m\""
    );
    assert_eq!(
        serde_json::from_str::<Memory>("268435456").unwrap(),
        Memory::from_mebibytes(256)
    );
    let error = serde_json::from_str::<Cpu>("-2").unwrap_err().to_string();
    assert!(error.starts_with("\"-2\" is negative"), "{error}");
    let error = serde_json::from_str::<Memory>("true").unwrap_err().to_string();
    assert!(
        error.contains("expected a Kubernetes quantity such as \"256Mi\" or \"1Gi\""),
        "{error}"
    );
}

proptest! {
    #[test]
    fn what_is_printed_parses_back(number in any::<u64>(), shift in 0_u32..64) {
        for amount in [number, number >> shift, number >> shift << shift] {
            let (cpu, memory) = (Cpu::from_millicores(amount), Memory::from_bytes(amount));
            prop_assert_eq!(cpu.to_string().parse(), Ok(cpu));
            prop_assert_eq!(memory.to_string().parse(), Ok(memory));
        }
    }

    #[test]
    fn nothing_makes_the_parser_panic(text in "[-+0-9.numkKMGTPEie ]{0,44}") {
        let _ = (text.parse::<Cpu>(), text.parse::<Memory>());
    }
}
