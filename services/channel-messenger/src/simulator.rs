//! Plays the Messenger Platform and its people: for tests, and for `weft simulate messenger`.

pub use weft_meta_graph::messaging::simulator::{
    Content, Fault, FaultKind, Media, Reaction, Rules, Sent, Settings, Shown, Simulator,
};

use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;
use weft_meta_graph::messaging::simulator::{self as platform, Cast};

const PAGE: &str = "300000000000001";

/// What the platform takes and tells.
pub const RULES: Rules = Rules {
    message_prefix: "m_SIM",
    max_chars: 2000,
    max_bytes: usize::MAX,
    needs_type: true,
    uploads: true,
    tells_more: true,
    stories: false,
    reactions: &[],
    media: &[
        Media { kind: "image", types: &[], max_bytes: MAX_FILE },
        Media { kind: "video", types: &[], max_bytes: MAX_FILE },
        Media { kind: "audio", types: &[], max_bytes: MAX_FILE },
        Media { kind: "file", types: &[], max_bytes: MAX_FILE },
    ],
    window_closed: 2_018_278,
    nobody: 2_018_001,
};

const MAX_FILE: usize = 25 * 1024 * 1024;

/// The page that is simulated.
pub fn settings() -> Settings {
    Settings::new("page", PAGE, PAGE, RULES)
}

/// The settings of an account that connects to the simulator at this address.
pub fn account(base: &str) -> Map<String, Value> {
    Map::from_iter([
        ("api_base".to_owned(), json!(base)),
        ("page_id".to_owned(), json!(PAGE)),
        ("app_id".to_owned(), json!(settings().app_id)),
        ("late_tag".to_owned(), json!("HUMAN_AGENT")),
    ])
}

/// The secrets of that account.
pub fn secrets() -> Map<String, Value> {
    let settings = settings();
    Map::from_iter([
        ("page_access_token".to_owned(), json!(settings.access_token)),
        ("app_secret".to_owned(), json!(settings.app_secret)),
        ("verify_token".to_owned(), json!(settings.verify_token)),
    ])
}

/// The platform as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let cast = Cast {
        kind: "messenger",
        listen: "127.0.0.1:8092",
        settings: settings(),
        account,
        secrets: secrets(),
    };
    platform::simulation(cast, options)
}
