use anyhow::{Context, Result};
use weft_testkit::{Front, free_port};

use super::{
    Replica,
    environment::{self, Environment},
};

/// A service's replicas, and the addresses before them.
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) http: Front,
    pub(super) rpc: Option<Front>,
    pub(super) replicas: Vec<Replica>,
    prepared: usize,
}

impl Service {
    /// Nobody is behind its addresses yet.
    pub(super) async fn new(name: &'static str, port: Option<u16>) -> Result<Self> {
        let http = front(port).await?;
        let rpc = if environment::is_called(name) { Some(front(None).await?) } else { None };
        Ok(Self { name, http, rpc, replicas: Vec::new(), prepared: 0 })
    }

    /// Prepares one more replica.
    pub(super) fn prepare(&mut self, environment: &Environment) -> &mut Replica {
        self.prepared += 1;
        let name = format!("{}-{}", self.name, self.prepared);
        self.replicas.push(Replica::new(self.name, name, self.rpc.is_some(), environment));
        let newest = self.replicas.len() - 1;
        &mut self.replicas[newest]
    }

    /// Deals new connections out to all replicas.
    pub(super) fn deal(&self) {
        self.http.send_to(self.replicas.iter().map(|replica| replica.http).collect());
        if let Some(rpc) = &self.rpc {
            rpc.send_to(self.replicas.iter().filter_map(|replica| replica.rpc).collect());
        }
    }

    pub(super) fn has(&self, replica: &str) -> bool {
        self.replicas.iter().any(|one| one.name == replica)
    }

    /// Gives a replica away; it gets no new connections.
    pub(super) fn take(&mut self, replica: &str) -> Replica {
        let at = self.replicas.iter().position(|one| one.name == replica);
        let taken = self.replicas.remove(at.unwrap_or_else(|| panic!("there is no replica {replica}")));
        self.deal();
        taken
    }
}

async fn front(port: Option<u16>) -> Result<Front> {
    let port = port.unwrap_or_else(free_port);
    Front::start(port).await.with_context(|| format!("cannot listen on 127.0.0.1:{port}"))
}
