#![doc = include_str!("../README.md")]

mod body;
mod client;
mod dial;
mod error;
mod exchange;
mod guard;
mod metering;
mod multipart;
mod observe;
mod redirect;
mod request;
mod resolver;
mod response;
mod settings;

pub use client::Client;
pub use error::Error;
pub use guard::Refusal;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
pub use multipart::Multipart;
pub use request::Request;
pub use resolver::Lookup;
pub use response::{Download, Response};
pub use settings::Settings;
