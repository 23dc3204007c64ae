use weft_fleet::roster;
use weft_http::{Client, Request, Settings};

use crate::apart::Apart;

/// Ingress and proxy send these paths to these processes: each has to know them, and the gateway none that are not its own.
#[tokio::test(flavor = "multi_thread")]
async fn every_public_path_is_answered_by_the_process_that_it_is_sent_to() {
    let apart = Apart::start().await;
    let client = Client::new(Settings { allow_private: true, ..Settings::default() }).unwrap();
    let mut unknown = Vec::new();
    for entry in roster::ENTRIES {
        let base = format!("http://{}", apart.process(entry.name).listen);
        for path in entry.place.outside {
            // Below a path there is a page, or something of a channel or a file.
            let below = match *path {
                "/" => vec!["/openapi.json".to_owned()],
                path if path.ends_with('/') => {
                    ["x", "x/sessions"].map(|rest| format!("{path}{rest}")).to_vec()
                }
                path => vec![path.to_owned()],
            };
            let mut known = false;
            for path in below {
                let answer = client.send(Request::get(&format!("{base}{path}"))).await.unwrap();
                known |= !String::from_utf8_lossy(&answer.body).contains("no_such_route");
            }
            if !known {
                unknown.push(format!("{} does not know {path}", entry.name));
            }
        }
    }
    let gateway = format!("http://{}/files/x", apart.process("gateway").listen);
    let answer = client.send(Request::get(&gateway)).await.unwrap();
    assert!(
        String::from_utf8_lossy(&answer.body).contains("no_such_route"),
        "a path that nobody declared is told apart"
    );
    apart.stop().await;
    assert!(unknown.is_empty(), "{unknown:#?}");
}
