//! Images that contain no programs for a hook to run.

/// Why an image has neither a shell nor `sleep`, as far as its name tells. A hook that needs one fails at once
/// (kubernetes §1.3.4); `preStop.sleep` needs none (§1.3.5).
pub(crate) fn image_lacks_programs(image: &str) -> Option<&'static str> {
    let image = image.trim().to_ascii_lowercase();
    if image.starts_with("ko://") || image.starts_with("ko.local/") {
        return Some("`ko` builds on an image without a shell");
    }
    let (repository, tag) = split(&image);
    let name = repository.rsplit('/').next().unwrap_or_default();
    if image.contains("distroless") {
        // The `debug` tags contain busybox.
        let has_busybox = tag.contains("debug") || name.contains("debug");
        return (!has_busybox).then_some("distroless images contain no shell and no `sleep`");
    }
    if repository.starts_with("cgr.dev/") || repository.starts_with("chainguard/") {
        // Their `-dev` tags and a few tools contain a shell.
        let has_shell =
            tag.contains("-dev") || tag == "dev" || matches!(name, "wolfi-base" | "busybox" | "bash" | "git");
        return (!has_shell).then_some("Chainguard images contain no shell and no `sleep` except under `-dev` tags");
    }
    match name {
        "scratch" => Some("`scratch` contains nothing but the application"),
        "pause" => Some("`pause` contains nothing but itself"),
        _ => None,
    }
}

/// The repository and the tag of a reference; a digest is dropped, a missing tag is empty.
pub(crate) fn split(image: &str) -> (&str, &str) {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    match named.rsplit_once(':') {
        // A colon before the last slash belongs to a port.
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (named, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_without_programs_are_known_by_name() {
        for image in [
            "gcr.io/distroless/static",
            "gcr.io/distroless/java21-debian12:nonroot",
            "gcr.io/distroless/base@sha256:0123",
            "envoyproxy/envoy:distroless-v1.30.1",
            "registry.example:5000/team/app-distroless:7",
            "cgr.dev/chainguard/static:latest",
            "cgr.dev/chainguard/nginx",
            "chainguard/static",
            "scratch",
            "ko://example.com/cmd/app",
            "registry.k8s.io/pause:3.9",
        ] {
            assert!(image_lacks_programs(image).is_some(), "{image}");
        }
        for image in [
            "nginx",
            "python:3.12-slim",
            "gcr.io/distroless/base:debug",
            "gcr.io/distroless/base:debug-nonroot",
            "cgr.dev/chainguard/python:latest-dev",
            "cgr.dev/chainguard/wolfi-base",
            "registry.example:5000/app",
            "",
        ] {
            assert_eq!(image_lacks_programs(image), None, "{image}");
        }
    }
}
