//! Plays the Instagram messaging API and its people: for tests, and for `weft simulate instagram`.

pub use weft_meta_graph::messaging::simulator::{
    Content, Fault, FaultKind, Media, Reaction, Rules, Sent, Settings, Shown, Simulator,
};

use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;
use weft_meta_graph::messaging::simulator::{self as platform, Cast};

use crate::{Login, MAX_TEXT};

const PAGE: &str = "300000000000001";
const ACCOUNT: &str = "17800000000000001";
const MAX_FILE: usize = 25 * 1024 * 1024;

/// What the platform takes and tells. Files are fetched by their addresses, so their types do not show.
pub const RULES: Rules = Rules {
    message_prefix: "aWdfSIM",
    max_chars: usize::MAX,
    max_bytes: MAX_TEXT,
    needs_type: false,
    uploads: false,
    tells_more: false,
    stories: true,
    reactions: &["love", "laugh", "wow", "sad", "angry", "like"],
    media: &[
        Media { kind: "image", types: &[], max_bytes: MAX_FILE },
        Media { kind: "video", types: &[], max_bytes: MAX_FILE },
        Media { kind: "audio", types: &[], max_bytes: MAX_FILE },
        Media { kind: "file", types: &[], max_bytes: MAX_FILE },
    ],
    window_closed: 2_534_022,
    nobody: 2_534_014,
};

/// The account that is simulated, as this login reaches it.
pub fn settings(login: Login) -> Settings {
    let node = match login {
        Login::Page => PAGE,
        Login::Instagram => ACCOUNT,
    };
    Settings::new("instagram", node, ACCOUNT, RULES)
}

/// The settings of an account that connects through its page to the simulator at this address.
pub fn account(base: &str) -> Map<String, Value> {
    Map::from_iter([
        ("api_base".to_owned(), json!(base)),
        ("ig_account_id".to_owned(), json!(ACCOUNT)),
        ("page_id".to_owned(), json!(PAGE)),
        ("app_id".to_owned(), json!(settings(Login::Page).app_id)),
        ("human_agent".to_owned(), json!(true)),
        ("ice_breakers".to_owned(), json!([{"question": "What are your hours?", "payload": "ICE_HOURS"}])),
    ])
}

/// The secrets of that account.
pub fn secrets() -> Map<String, Value> {
    let settings = settings(Login::Page);
    Map::from_iter([
        ("access_token".to_owned(), json!(settings.access_token)),
        ("app_secret".to_owned(), json!(settings.app_secret)),
        ("verify_token".to_owned(), json!(settings.verify_token)),
    ])
}

/// The platform as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let cast = Cast {
        kind: "instagram",
        listen: "127.0.0.1:8093",
        settings: settings(Login::Page),
        account,
        secrets: secrets(),
    };
    platform::simulation(cast, options)
}
