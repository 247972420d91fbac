//! Services, Ingresses and bindings.

use super::{Checker, items, key, value, with};
use crate::text::error::Diagnostic;
use crate::text::tree::Node;

impl Checker {
    pub(super) fn service(&mut self, spec: &Node) {
        for port in items(spec, "ports") {
            self.port(port, "port");
            // 0 is as good as none there.
            self.port_or_zero(port, "targetPort");
            self.port_or_zero(port, "nodePort");
            let target = port.get("targetPort");
            // The name of a port needs a letter.
            if let Some(text) = target.and_then(Node::as_str)
                && !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_digit())
            {
                let title =
                    format!("`targetPort` is the text {text:?}, which would be a name, and a name needs a letter");
                let diagnostic = Diagnostic::maybe_at(target.and_then(value), title);
                self.push(diagnostic.help(format!("write it without quotes: `{text}`")));
            }
        }
    }

    /// Backends in the spelling of the APIs before v1, which v1 does not know.
    pub(super) fn ingress(&mut self, api_version: &str, spec: &Node) {
        if api_version != "networking.k8s.io/v1" {
            return;
        }
        let rules = items(spec, "rules").iter().filter_map(|rule| rule.get("http"));
        let paths = rules.flat_map(|http| items(http, "paths"));
        let backends: Vec<&Node> = paths.filter_map(|path| path.get("backend")).collect();
        for backend in backends.into_iter().chain(spec.get("defaultBackend")) {
            let mut old = ["serviceName", "servicePort"]
                .iter()
                .filter_map(|name| Some((name, backend.get(name)?)));
            if let Some((name, node)) = old.next() {
                let title = format!("`{name}` is of the APIs before `networking.k8s.io/v1`, which does not know it");
                self.push(
                    Diagnostic::maybe_at(key(node), title)
                        .help("write `backend: {service: {name: …, port: {number: …}}}`"),
                );
            }
        }
        if let Some(backend) = spec.get("backend") {
            let title = "`spec.backend` is of the APIs before `networking.k8s.io/v1`, which does not know it";
            self.push(Diagnostic::maybe_at(key(backend), title).help("write `spec.defaultBackend`"));
        }
    }

    /// What the controller's own admission webhook refuses (lbc §3.6).
    pub(super) fn binding(&mut self, spec: &Node) {
        let has = |name| spec.get(name).is_some_and(|node| !super::is_null(node));
        if !has("targetGroupARN") && !has("targetGroupName") {
            self.add(key(spec), "there is neither `targetGroupARN` nor `targetGroupName`");
        }
        let kind = spec.get("targetType").filter(|kind| kind.as_str() == Some("ip"));
        if let Some(kind) = kind
            && let Some(selector) = spec.get("nodeSelector").filter(|selector| !super::is_null(selector))
        {
            let title = "`nodeSelector` is for targets that are nodes, but the target type is `ip`";
            self.push(with(
                Diagnostic::maybe_at(key(selector), title),
                value(kind),
                "the type",
            ));
        }
    }
}
