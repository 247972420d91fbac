//! The fields that Kubernetes knows at each place of a pod, to tell a misplaced one from one that has no say here.

use serde::Deserialize;

/// A part of an object of which no field matters.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Nothing {}

/// A kind of map inside a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// `spec` of what owns pods.
    Workload,
    /// `spec.template`.
    Template,
    /// `spec` of a pod.
    Pod,
    /// A container, of either list.
    Container,
    /// One of a container's `env`.
    Env,
    /// One of a container's `ports`.
    Port,
    /// `lifecycle`.
    Lifecycle,
    /// A hook.
    Handler,
    /// A probe.
    Probe,
    /// `httpGet`.
    HttpGet,
    /// `exec`.
    Exec,
    /// `resources`.
    Resources,
}

impl Part {
    /// All of them.
    pub(crate) const ALL: [Part; 12] = [
        Part::Workload,
        Part::Template,
        Part::Pod,
        Part::Container,
        Part::Env,
        Part::Port,
        Part::Lifecycle,
        Part::Handler,
        Part::Probe,
        Part::HttpGet,
        Part::Exec,
        Part::Resources,
    ];

    /// What it is called, with its article.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Part::Workload => "the workload's `spec`",
            Part::Template => "`spec.template`",
            Part::Pod => "the pod's `spec`",
            Part::Container => "a container",
            Part::Env => "an item of `env`",
            Part::Port => "an item of `ports`",
            Part::Lifecycle => "`lifecycle`",
            Part::Handler => "a hook",
            Part::Probe => "a probe",
            Part::HttpGet => "`httpGet`",
            Part::Exec => "`exec`",
            Part::Resources => "`resources`",
        }
    }

    /// Its fields in the Kubernetes API, 1.37: exactly those of the official types.
    pub(crate) fn fields(self) -> &'static [&'static str] {
        match self {
            // Of Deployment, StatefulSet, DaemonSet and ReplicaSet together.
            Part::Workload => &[
                "replicas",
                "selector",
                "template",
                "strategy",
                "updateStrategy",
                "minReadySeconds",
                "revisionHistoryLimit",
                "paused",
                "progressDeadlineSeconds",
                "serviceName",
                "volumeClaimTemplates",
                "podManagementPolicy",
                "persistentVolumeClaimRetentionPolicy",
                "ordinals",
            ],
            Part::Template => &["metadata", "spec"],
            Part::Pod => &[
                "activeDeadlineSeconds",
                "affinity",
                "automountServiceAccountToken",
                "containers",
                "dnsConfig",
                "dnsPolicy",
                "enableServiceLinks",
                "ephemeralContainers",
                "evictionResponders",
                "hostAliases",
                "hostIPC",
                "hostNetwork",
                "hostPID",
                "hostUsers",
                "hostname",
                "hostnameOverride",
                "imagePullSecrets",
                "initContainers",
                "nodeName",
                "nodeSelector",
                "os",
                "overhead",
                "preemptionPolicy",
                "priority",
                "priorityClassName",
                "readinessGates",
                "resourceClaims",
                "resources",
                "restartPolicy",
                "runtimeClassName",
                "schedulerName",
                "schedulingGates",
                "schedulingGroup",
                "securityContext",
                "serviceAccount",
                "serviceAccountName",
                "setHostnameAsFQDN",
                "shareProcessNamespace",
                "subdomain",
                "terminationGracePeriodSeconds",
                "tolerations",
                "topologySpreadConstraints",
                "volumes",
            ],
            Part::Container => &[
                "args",
                "command",
                "env",
                "envFrom",
                "image",
                "imagePullPolicy",
                "lifecycle",
                "livenessProbe",
                "name",
                "ports",
                "readinessProbe",
                "resizePolicy",
                "resources",
                "restartPolicy",
                "restartPolicyRules",
                "securityContext",
                "startupProbe",
                "stdin",
                "stdinOnce",
                "terminationMessagePath",
                "terminationMessagePolicy",
                "tty",
                "volumeDevices",
                "volumeMounts",
                "workingDir",
            ],
            Part::Env => &["name", "value", "valueFrom"],
            Part::Port => &["containerPort", "hostIP", "hostPort", "name", "protocol"],
            Part::Lifecycle => &["postStart", "preStop", "stopSignal"],
            Part::Handler => &["exec", "httpGet", "sleep", "tcpSocket"],
            Part::Probe => &[
                "exec",
                "failureThreshold",
                "grpc",
                "httpGet",
                "initialDelaySeconds",
                "periodSeconds",
                "successThreshold",
                "tcpSocket",
                "terminationGracePeriodSeconds",
                "timeoutSeconds",
            ],
            Part::HttpGet => &["host", "httpHeaders", "path", "port", "protocol", "scheme"],
            Part::Exec => &["command"],
            Part::Resources => &["claims", "limits", "requests"],
        }
    }
}
