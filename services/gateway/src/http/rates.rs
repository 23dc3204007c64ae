use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use http::{HeaderMap, HeaderName, HeaderValue};
use weft_auth::Principal;
use weft_cache::{Cache, Key};
use weft_domain::{Error, Result};
use weft_proto::options::v1::policy::RateClass;

use crate::{Rate, RatesConfig, metering};

/// Limits how often one may call, by the class that `proto/` gives an operation.
#[derive(Clone)]
pub(crate) struct Rates {
    cache: Cache,
    config: Arc<RatesConfig>,
}

impl Rates {
    pub(crate) fn new(cache: Cache, config: RatesConfig) -> Self {
        Self { cache, config: Arc::new(config) }
    }

    /// Counts a call, and says in `headers` how many are left.
    pub(crate) async fn count(
        &self,
        class: RateClass,
        caller: Option<&Principal>,
        address: IpAddr,
        headers: &mut HeaderMap,
    ) -> Result<()> {
        let (name, rate) = self.of(class);
        let key = match caller {
            // a guesser is stopped by where it comes from, whomever it says it is
            Some(principal) if class != RateClass::SignIn => {
                Key::tenant(&principal.tenant, "rate", &[name, &principal.subject.to_string()])
            }
            _ => Key::global("rate", &[name, &network(address).to_string()]),
        };
        let decision = self.cache.rate_limit(&key, rate.quota()).await;
        let whole_seconds =
            decision.reset_after.as_secs() + u64::from(decision.reset_after.subsec_nanos() > 0);
        for (header, value) in [
            ("ratelimit-limit", u64::from(rate.burst)),
            ("ratelimit-remaining", u64::from(decision.remaining)),
            ("ratelimit-reset", whole_seconds),
        ] {
            headers.insert(HeaderName::from_static(header), HeaderValue::from(value));
        }
        if decision.allowed {
            return Ok(());
        }
        metering::throttled(name);
        Err(Error::throttled(decision.retry_after))
    }

    fn of(&self, class: RateClass) -> (&'static str, Rate) {
        match class {
            RateClass::SignIn => ("sign_in", self.config.sign_in),
            RateClass::Read => ("read", self.config.read),
            RateClass::Search => ("search", self.config.search),
            RateClass::Export => ("export", self.config.export),
            RateClass::Write | RateClass::Internal | RateClass::Unspecified => ("write", self.config.write),
        }
    }
}

/// One subscriber of IPv6 has a /64 at least, so addresses in it are one caller.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}
