use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use serde::Deserialize;

use super::{Simulator, refusal::Refusal};

/// Something that goes wrong with calls of the business.
#[derive(Clone, Debug, Deserialize)]
pub struct Fault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// With which edges, like `messages`; all, when empty.
    #[serde(default)]
    pub edges: Vec<String>,
    /// With so many calls; none: until further notice.
    pub for_next: Option<u32>,
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// An error of Meta.
    Error {
        /// Its code.
        code: i64,
        /// Its subcode.
        subcode: Option<i64>,
        /// The status it comes with.
        status: u16,
        /// In seconds.
        retry_after: Option<u64>,
    },
    /// A gateway's page with 502; the call is not handled.
    GatewayPage,
    /// The call is handled, and a gateway answers 504.
    LostAnswer,
}

impl Fault {
    /// This fault for the next calls of an edge.
    pub fn next(kind: FaultKind, edge: &str, calls: u32) -> Self {
        Self { kind, edges: vec![edge.to_owned()], for_next: Some(calls) }
    }

    fn hits(&self, edge: &str) -> bool {
        self.for_next != Some(0) && (self.edges.is_empty() || self.edges.iter().any(|name| name == edge))
    }
}

impl FaultKind {
    /// What is answered instead of handling the call.
    pub(super) fn before(self) -> Option<Response> {
        match self {
            Self::Error { code, subcode, status, retry_after } => {
                let refusal = Refusal::new(status, code, subcode, "as the simulator was told");
                Some(refusal.retry_after(retry_after).into_response())
            }
            Self::GatewayPage => Some(page(StatusCode::BAD_GATEWAY)),
            Self::LostAnswer => None,
        }
    }
}

/// A gateway's page.
pub(super) fn page(status: StatusCode) -> Response {
    let body = format!("<html><head><title>{status}</title></head><body>{status}</body></html>");
    (status, [(header::CONTENT_TYPE, "text/html")], body).into_response()
}

impl Simulator {
    /// Adds a fault.
    pub fn fault(&self, fault: Fault) {
        self.world.change(|state| state.faults.push(fault));
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.world.change(|state| state.faults.clear());
    }

    /// The fault for a call; counts it.
    pub(super) fn draw_fault(&self, edge: &str) -> Option<FaultKind> {
        let mut state = self.world.lock();
        let fault = state.faults.iter_mut().find(|fault| fault.hits(edge))?;
        if let Some(left) = &mut fault.for_next {
            *left -= 1;
        }
        Some(fault.kind)
    }
}
