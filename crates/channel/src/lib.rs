#![doc = include_str!("../README.md")]

mod account;
mod adapter;
mod authorized_transport;
mod connect;
mod descriptor;
mod files;
mod host;
mod http_transport;
pub mod inbound;
mod media;
pub mod message;
mod open_file;
mod poll;
mod provider_call;
mod provider_reply;
mod received;
pub mod script;
mod secret;
mod send_error;
pub mod simulation;
mod transport;
mod webhook;

pub use account::{AccountSettings, Schemas, fields_of, read_account, schemas};
pub use adapter::Adapter;
pub use authorized_transport::{AccessToken, AccessTokens, AuthorizedTransport};
pub use connect::{ConnectContext, Connected, SetupError};
pub use descriptor::{Descriptor, Rate};
pub use files::{File, Files};
pub use host::{Host, HostConfig, HostDeps, Keep, LiveAccount, consumers};
pub use http_transport::HttpTransport;
pub use media::MediaStream;
pub use message::*;
pub use open_file::open_file;
pub use poll::{PollContext, Polled};
pub use provider_call::{Part, PartContent, ProviderBody, ProviderCall};
pub use provider_reply::ProviderReply;
pub use received::{Ignored, Received, Unreadable};
pub use secret::{make_secret, same_secret};
pub use send_error::{Receipt, Retry, SendError};
pub use simulation::{Play, Serve, Simulation, SimulationOptions, Turn};
pub use transport::{BodyStream, Dial, Download, Transport, TransportError};
pub use webhook::{Addressees, ReceiveError, VerifyError, WebhookCall, WebhookReply};
pub use weft_capabilities::{
    Buttons, Capabilities, Captions, Changes, ContentKind, FirstContact, Idempotency, Intake, plan, template,
};
pub use weft_rich_text as looks;
