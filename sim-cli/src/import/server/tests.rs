use std::fmt::Write as _;

use proptest::prelude::*;
use sim_core::scenario::app::App;

use super::*;

/// A guess on one line: preset, confidence, settings.
fn shown(guess: &Guess) -> String {
    let preset = serde_json::to_value(guess.preset).expect("a preset is a word");
    let mut text = format!("{} {:?}", preset.as_str().unwrap_or_default(), guess.confidence);
    for (field, value, _) in &guess.settings {
        let _ = write!(
            text,
            " {}={}",
            field.trim_start_matches("app."),
            value.to_string().replace('"', "")
        );
    }
    text
}

/// Loads each setting into the application that it is for.
fn loads(guess: &Guess) {
    let mut app = serde_json::to_value(guess.preset.app()).expect("an app is written as JSON");
    for (field, value, why) in &guess.settings {
        let field = field.strip_prefix("app.").expect("settings are the application's");
        assert!(app.get(field).is_some(), "no field {field}");
        assert!(!why.is_empty() && !why.ends_with('.'));
        app[field] = value.clone();
    }
    let read: App = serde_json::from_value(app.clone()).unwrap_or_else(|error| panic!("{error}: {app}"));
    for (field, value, _) in &guess.settings {
        let written = serde_json::to_value(&read).expect("an app is written as JSON");
        assert_eq!(
            &written[field.trim_start_matches("app.")],
            value,
            "{field} is written another way"
        );
    }
}

/// Commands as one line, split at spaces.
fn check_commands(cases: &[(&str, &str)]) {
    for (line, expected) in cases {
        let words: Vec<&str> = line.split_whitespace().collect();
        let guess = guess(None, &words, &[], None);
        assert_eq!(shown(&guess), *expected, "{line}: {guess:#?}");
        loads(&guess);
    }
}

fn check_scripts(cases: &[(&str, &str, &str)]) {
    for (shell, script, expected) in cases {
        let guess = guess(None, &[shell, "-c"], &[script], None);
        assert_eq!(shown(&guess), *expected, "{shell} -c {script:?}: {guess:#?}");
        loads(&guess);
    }
}

fn check_images(cases: &[(&str, &str)]) {
    for (image, expected) in cases {
        let guess = guess(Some(image), &[], &[], Some(8080));
        assert_eq!(shown(&guess), *expected, "{image}: {guess:#?}");
        loads(&guess);
    }
}

#[test]
fn python_servers_are_named_by_their_commands() {
    check_commands(&[
        ("python manage.py runserver 0.0.0.0:8000", "django-runserver Named"),
        ("python3 -u ./manage.py runserver", "django-runserver Named"),
        (
            "./manage.py runserver --noreload",
            "django-runserver Named sigterm=no_handler",
        ),
        ("django-admin runserver", "django-runserver Named"),
        ("python manage.py migrate", "go-shutdown Nothing"),
        ("gunicorn app:app", "gunicorn-sync Named"),
        ("/usr/local/bin/gunicorn -w 4 app:app", "gunicorn-sync Named workers=4"),
        (
            "gunicorn --workers=3 --graceful-timeout 20 app",
            "gunicorn-sync Named workers=3 drain_timeout=20s",
        ),
        ("gunicorn -w4 --keep-alive 5 app", "gunicorn-sync Named workers=4"),
        ("gunicorn -k gthread app", "gunicorn-gthread Named"),
        (
            "gunicorn --worker-class=gthread -w 2 --threads 8 app",
            "gunicorn-gthread Named workers=16",
        ),
        ("gunicorn --threads 4 app", "gunicorn-gthread Named workers=4"),
        ("gunicorn --threads 4 -c conf.py app", "gunicorn-gthread Named"),
        (
            "gunicorn -w 2 --threads 4 --keep-alive 65 app",
            "gunicorn-gthread Named workers=8 keep_alive_timeout=1m5s",
        ),
        (
            "gunicorn -k uvicorn.workers.UvicornWorker -w 4 app",
            "uvicorn Named keep_alive_timeout=2s drain_timeout=30s",
        ),
        (
            "gunicorn -k uvicorn_worker.UvicornWorker --keep-alive 75 --graceful-timeout 25 app",
            "uvicorn Named keep_alive_timeout=1m15s drain_timeout=25s",
        ),
        ("gunicorn -k gevent app", "gunicorn-gthread Named workers=unlimited"),
        ("gunicorn -w $WORKERS app", "gunicorn-sync Named"),
        ("gunicorn -w 0 app", "gunicorn-sync Named"),
        ("python -m gunicorn -w 2 app", "gunicorn-sync Named workers=2"),
        (
            "opentelemetry-instrument gunicorn -w 2 app",
            "gunicorn-sync Named workers=2",
        ),
        ("poetry run gunicorn app", "gunicorn-sync Named"),
        ("uvicorn main:app --host 0.0.0.0", "uvicorn Named"),
        (
            "python3 -m uvicorn main:app --timeout-keep-alive 75",
            "uvicorn Named keep_alive_timeout=1m15s",
        ),
        (
            "uv run uvicorn main:app --timeout-graceful-shutdown 20",
            "uvicorn Named drain_timeout=20s",
        ),
        ("fastapi run main.py", "uvicorn Named"),
        ("hypercorn app:app", "uvicorn Named"),
        ("daphne app.asgi:application", "uvicorn Named"),
        ("flask run --host=0.0.0.0", "django-runserver Named sigterm=no_handler"),
        (
            "python -m http.server 8000",
            "django-runserver Named sigterm=no_handler",
        ),
        ("python -m django runserver", "django-runserver Named"),
        ("poetry run python manage.py runserver", "django-runserver Named"),
        ("wait-for-it.sh db:5432 -- gunicorn app", "gunicorn-sync Named"),
        ("python app.py", "django-runserver Image sigterm=no_handler"),
        ("python -c print(1)", "go-shutdown Nothing"),
    ]);
}

#[test]
fn other_servers_are_named_by_their_commands() {
    check_commands(&[
        ("puma", "puma Named"),
        ("bundle exec puma -C config/puma.rb", "puma Named"),
        ("puma -t 2:16", "puma Named workers=16"),
        ("puma -t 5:5 -w 2", "puma Named workers=10 drain_timeout=30s"),
        ("bundle exec rails server -b 0.0.0.0", "puma Named"),
        ("bin/rails s", "puma Named"),
        ("rails db:migrate", "go-shutdown Nothing"),
        ("unicorn -c unicorn.rb", "gunicorn-sync Named sigterm=die_now"),
        ("node server.js", "node-http Named"),
        ("node --max-old-space-size=512 dist/main.js", "node-http Named"),
        ("node", "go-shutdown Nothing"),
        ("npm start", "node-http Named"),
        ("npm run start:prod", "node-http Named"),
        ("npm run migrate", "go-shutdown Nothing"),
        ("yarn start", "node-http Named"),
        ("pnpm run serve", "node-http Named"),
        ("npx next start", "node-http Named"),
        ("next build", "go-shutdown Nothing"),
        ("java -jar app.jar", "spring-boot-graceful Image"),
        (
            "java -Dserver.shutdown=immediate -jar app.jar",
            "spring-boot-immediate Named",
        ),
        (
            "java -jar app.jar --server.shutdown=graceful --spring.lifecycle.timeout-per-shutdown-phase=20s",
            "spring-boot-graceful Named drain_timeout=20s",
        ),
        (
            "java -Dserver.tomcat.threads.max=50 org.springframework.boot.loader.launch.JarLauncher",
            "spring-boot-graceful Named workers=50",
        ),
        ("java -jar quarkus-run.jar", "spring-boot-immediate Named"),
        ("java -version", "go-shutdown Nothing"),
        ("catalina.sh run", "spring-boot-immediate Named"),
        ("nginx -g daemon off;", "nginx-quit Named"),
        ("/docker-entrypoint.sh nginx -g daemon_off", "nginx-quit Named"),
        ("nginx -t", "go-shutdown Nothing"),
        ("httpd-foreground", "nginx-quit Named"),
        ("envoy -c /etc/envoy.yaml", "nginx-term Named"),
        ("traefik", "go-shutdown Named drain_timeout=10s"),
        ("caddy run", "go-shutdown Named"),
        ("go run .", "go-shutdown Image"),
        ("/app/server --port 80", "go-shutdown Nothing"),
        ("", "go-shutdown Nothing"),
    ]);
}

#[test]
fn a_shell_in_front_keeps_sigterm_to_itself() {
    check_scripts(&[
        ("sh", "gunicorn -w 2 app", "gunicorn-sync Named workers=2"),
        ("sh", "exec gunicorn app", "gunicorn-sync Named"),
        (
            "sh",
            "python manage.py migrate && gunicorn app",
            "gunicorn-sync Named sigterm=ignored",
        ),
        (
            "sh",
            "python manage.py migrate && exec gunicorn app",
            "gunicorn-sync Named",
        ),
        (
            "sh",
            "cd /app; python manage.py runserver",
            "django-runserver Named sigterm=ignored",
        ),
        (
            "sh",
            "manage.py runserver --noreload; true",
            "django-runserver Named sigterm=ignored",
        ),
        ("sh", "gunicorn app & wait", "gunicorn-sync Named sigterm=ignored"),
        ("sh", "gunicorn app | tee /log", "gunicorn-sync Named sigterm=ignored"),
        ("sh", "gunicorn app > /log", "gunicorn-sync Named sigterm=ignored"),
        (
            "sh",
            "while true; do node server.js; done",
            "node-http Named sigterm=ignored",
        ),
        ("sh", "./migrate && ./server", "go-shutdown Nothing sigterm=ignored"),
        ("sh", "./server", "go-shutdown Nothing"),
        (
            "sh",
            "trap 'kill $P' TERM; gunicorn app & P=$!; wait",
            "gunicorn-sync Named",
        ),
        ("sh", "a; tini -- gunicorn app", "gunicorn-sync Named sigterm=ignored"),
        ("sh", "a; exec tini -- gunicorn app", "gunicorn-sync Named pid_1=false"),
        ("bash", "gunicorn app", "gunicorn-sync Named"),
        (
            "bash",
            "python manage.py migrate && gunicorn app",
            "gunicorn-sync Named",
        ),
        (
            "bash",
            "gunicorn app; echo ended",
            "gunicorn-sync Named sigterm=ignored",
        ),
        ("bash", "PORT=1 exec node a.js", "node-http Named"),
    ]);
}

#[test]
fn a_small_init_takes_pid_1() {
    check_commands(&[
        ("tini -- node server.js", "node-http Named pid_1=false"),
        ("/sbin/tini -g -- gunicorn app", "gunicorn-sync Named pid_1=false"),
        ("dumb-init node server.js", "node-http Named pid_1=false"),
        ("docker-init -- ./server", "go-shutdown Nothing pid_1=false"),
        ("su-exec app node server.js", "node-http Named"),
    ]);
    let guess = guess(None, &["tini", "--", "sh", "-c", "a; gunicorn app"], &[], None);
    assert_eq!(shown(&guess), "gunicorn-sync Named pid_1=false sigterm=die_now");
    loads(&guess);
}

#[test]
fn images_are_known_by_name() {
    check_images(&[
        ("nginx:1.27", "nginx-quit Image"),
        ("public.ecr.aws/nginx/nginx:stable", "nginx-quit Image"),
        ("openresty/openresty", "nginx-quit Image"),
        ("python:3.12-slim", "gunicorn-sync Image"),
        ("node:22-alpine", "node-http Image"),
        ("eclipse-temurin:21-jre", "spring-boot-graceful Image"),
        ("amazoncorretto:21", "spring-boot-graceful Image"),
        ("gcr.io/distroless/java21-debian12", "spring-boot-graceful Image"),
        ("tomcat:10", "spring-boot-immediate Image"),
        ("ruby:3.3", "puma Image"),
        ("golang:1.23", "go-shutdown Image"),
        ("rust:1", "axum-graceful Image"),
        ("kong:3.7", "nginx-quit Image"),
        ("traefik:v3", "go-shutdown Image drain_timeout=10s"),
        ("envoyproxy/envoy:v1.31", "nginx-term Image"),
        ("httpd:2.4", "nginx-quit Image"),
        ("caddy:2", "go-shutdown Image"),
        ("php:8.3-apache", "nginx-quit Image"),
        ("php:8.3-fpm", "go-shutdown Nothing"),
        (
            "registry.example:5000/shop/order-django@sha256:00",
            "gunicorn-sync Image",
        ),
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/my-nginx:7",
            "nginx-quit Image",
        ),
        ("nginx/nginx-prometheus-exporter", "go-shutdown Nothing"),
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:7",
            "go-shutdown Nothing",
        ),
        ("", "go-shutdown Nothing"),
    ]);
}

#[test]
fn the_command_beats_the_image_and_the_image_beats_the_port() {
    let all = guess(Some("python:3.12"), &["uvicorn", "main:app"], &[], Some(3000));
    assert_eq!(
        (shown(&all).as_str(), all.why.as_str()),
        ("uvicorn Named", "`uvicorn` in `command`")
    );
    let args = guess(
        Some("python:3.12"),
        &["python"],
        &["manage.py", "runserver"],
        Some(3000),
    );
    assert_eq!(
        (shown(&args).as_str(), args.why.as_str()),
        ("django-runserver Named", "`runserver` in `args`")
    );
    let image = guess(Some("nginx:1.27"), &[], &["--some-flag"], Some(3000));
    assert_eq!(
        (shown(&image).as_str(), image.why.as_str()),
        ("nginx-quit Image", "image `nginx:1.27`")
    );
    let port = guess(Some("shop:1"), &["/app"], &[], Some(3000));
    assert_eq!(
        (shown(&port).as_str(), port.why.as_str()),
        ("node-http Port", "container port 3000")
    );
    let nothing = guess(None, &[], &[], None);
    assert_eq!(nothing.why, "nothing in the manifests tells which server runs");
    assert_eq!((nothing.preset, nothing.note), (Preset::GoShutdown, None));
    assert!(Confidence::Named > Confidence::Image && Confidence::Port > Confidence::Nothing);
    assert_eq!(
        guess(None, &["python", "app.py"], &[], None).why,
        "`python app.py` in `command`"
    );
}

#[test]
fn what_cannot_be_seen_is_noted() {
    let cases: &[(Option<&str>, &[&str], &str)] = &[
        (None, &["npm", "start"], "does not hand it on"),
        (None, &["java", "-jar", "a.jar"], "spring-boot-immediate"),
        (None, &["hypercorn", "a"], "nearest"),
        (None, &["sh", "-c", "gunicorn a"], "Debian's `sh`"),
        (None, &["bash", "-c", "a; gunicorn a"], "5.1"),
        (None, &["/entrypoint.sh"], "cannot be seen"),
        (None, &["sh", "/entrypoint.sh"], "`/entrypoint.sh`"),
        (Some("shop:1"), &["nginx"], "nginx-term"),
        (Some("envoyproxy/envoy"), &[], "Envoy"),
        (Some("shop-django"), &[], "speaks of `django`"),
        (None, &["gunicorn", "a"], "WEB_CONCURRENCY"),
    ];
    for (image, command, part) in cases {
        let note = guess(*image, command, &[], None).note.unwrap_or_default();
        assert!(note.contains(part), "{command:?}: {note}");
        assert!(!note.ends_with('.'), "{note}");
    }
    assert_eq!(guess(Some("nginx"), &["nginx"], &[], None).note, None);
}

/// Words that commands are made of.
#[rustfmt::skip]
const KNOWN: [&str; 48] = [
    "sh", "-c", "bash", "tini", "--", "gunicorn", "-w", "4", "--workers=99999999999", "-k", "gthread", "--threads", "0",
    "4294967295", "--keep-alive", "1.5", "uvicorn", "--timeout-keep-alive", "-1", "python", "-m", "manage.py", "runserver",
    "--noreload", "node", "npm", "run", "puma", "-t", "1:", ":", "java", "-jar", "-Dserver.shutdown=", "exec", "&&", ";",
    "gunicorn app; true", "cd / && exec node x", "bundle", "doppler", "env", "A=1", "timeout", "é", "", "rails", "s",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![9 => proptest::sample::select(&KNOWN[..]).prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn no_container_panics_and_every_setting_loads(
        image in proptest::option::of("[a-z:/@.-]{0,12}|.{0,8}"),
        command in proptest::collection::vec(word(), 0..8),
        args in proptest::collection::vec(word(), 0..8),
        port in proptest::option::of(any::<i64>()),
    ) {
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let guess = guess(image.as_deref(), &command, &args, port);
        loads(&guess);
        prop_assert!(!guess.why.is_empty());
    }
}
