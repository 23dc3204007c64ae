use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{Limits, metering};

/// Counts connections, in total and by address.
#[derive(Clone)]
pub(crate) struct Slots(Arc<Inner>);

struct Inner {
    total: usize,
    per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Slots {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Inner {
            total: limits.connections,
            per_address: limits.connections_per_address,
            taken: Mutex::default(),
        }))
    }

    /// Takes a place, or says which limit is reached.
    pub(crate) fn take(&self, peer: IpAddr) -> Result<Slot, &'static str> {
        let address = network(peer);
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.total >= self.0.total {
            return Err("total");
        }
        let count = taken.by_address.entry(address).or_default();
        if *count >= self.0.per_address {
            return Err("address");
        }
        *count += 1;
        taken.total += 1;
        metering::connected();
        Ok(Slot { slots: self.clone(), address })
    }
}

/// One connection's place, given back when dropped.
pub(crate) struct Slot {
    slots: Slots,
    address: IpAddr,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total -= 1;
        metering::disconnected();
        if let Some(count) = taken.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.address);
            }
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
