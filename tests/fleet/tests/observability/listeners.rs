use std::net::TcpListener;

use serde_json::Value;
use weft_tests_fleet::{Client, Weft};

const PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

async fn status(base: &str, path: &str, header: Option<(&'static str, &str)>) -> u16 {
    let nobody = Client::nobody(base);
    let mut request = nobody.request("GET", path);
    if let Some((name, value)) = header {
        request = request.header(name.parse().unwrap(), value);
    }
    nobody.send(request).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_laptop_probes_and_metrics_answer_on_the_main_address_for_callers_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut weft = Weft::run(folder.path(), &["up"], &[("WEFT_GATEWAY__LISTEN", "127.0.0.1:0")]);
    let base = weft.answers_at().await;
    for path in PATHS {
        assert_eq!(status(&base, path, None).await, 200, "{path}");
        let brought = Some(("x-forwarded-for", "192.0.2.1"));
        assert_eq!(status(&base, path, brought).await, 404, "{path}: somebody whom a proxy brings");
    }
    assert!(weft.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_address_of_their_own_probes_and_metrics_answer_nowhere_else() {
    let admin = free_address();
    let folder = tempfile::tempdir().unwrap();
    let variables = [("WEFT_GATEWAY__LISTEN", "127.0.0.1:0"), ("WEFT_RUN__ADMIN_LISTEN", admin.as_str())];
    let mut weft = Weft::run(folder.path(), &["up"], &variables);
    let base = weft.answers_at().await;
    let own = format!("http://{admin}");
    for path in PATHS {
        assert_eq!(status(&own, path, None).await, 200, "{path}");
        assert_eq!(status(&base, path, None).await, 404, "{path}");
    }
    assert_eq!(status(&own, "/v1/me", None).await, 404, "and nothing else answers there");
    assert!(weft.terminate().await.success());
}

/// As a kubelet looks: alive from the beginning, ready when what it needs is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_waits_for_what_it_needs_is_alive_and_not_ready() {
    let admin = free_address();
    let folder = tempfile::tempdir().unwrap();
    // nobody answers there, so the start waits
    let bus = format!("nats://{}", free_address());
    let variables = [
        ("WEFT_RUN__ADMIN_LISTEN", admin.as_str()),
        ("WEFT_RUN__LISTEN", "127.0.0.1:0"),
        ("WEFT_BUS__URL", bus.as_str()),
    ];
    let _weft = Weft::run(folder.path(), &["run", "media"], &variables);
    let own = format!("http://{admin}");
    let nobody = Client::nobody(&own);
    weft_testkit::eventually("it answers", std::time::Duration::from_secs(20), async || {
        tokio::net::TcpStream::connect(&admin).await.ok()
    })
    .await;
    assert_eq!(status(&own, "/healthz", None).await, 200);
    let (code, told) = nobody.call("GET", "/readyz", None).await;
    assert_eq!((code, &told["state"]), (503, &Value::from("starting")), "{told}");
    assert_eq!(status(&own, "/metrics", None).await, 200);
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
