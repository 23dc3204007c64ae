use http::StatusCode;

use crate::rig::{Rig, request};

#[tokio::test]
async fn the_api_describes_itself_and_its_page_loads() {
    let rig = Rig::new().await;
    let document = rig.send(request("GET", "/openapi.json", &[], None)).await;
    assert_eq!((document.status, &document.body["openapi"]), (StatusCode::OK, &"3.1.0".into()));
    assert!(
        document.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'; frame")
    );

    let to_page = rig.send(request("GET", "/docs", &[], None)).await;
    assert_eq!(
        (to_page.status, &to_page.headers["location"]),
        (StatusCode::SEE_OTHER, &"/docs/".parse().unwrap())
    );
    for (path, kind) in [
        ("/docs/", "text/html"),
        ("/docs/swagger-ui-bundle.js", "text/javascript"),
        ("/docs/swagger-ui.css", "text/css"),
        ("/docs/swagger-initializer.js", "text/javascript"),
    ] {
        let file = rig.send(request("GET", path, &[], None)).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        assert!(file.headers["content-type"].to_str().unwrap().starts_with(kind), "{path}");
        let policy = file.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self';"), "no script but our own: {policy}");
    }
}
