use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// What kind of place an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Somewhere on the internet.
    Global,
    /// In somebody's network, called only where that was allowed.
    Private,
    /// Never called: nothing that we would want answers there.
    Forbidden,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(head: [u16; 4], last: u16, prefix: u8) -> Ipv6Net {
    let [a, b, c, d] = head;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, last), prefix)
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>, and the metadata services outside of link-local.
const FORBIDDEN_V4: [Ipv4Net; 11] = [
    v4(0, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
    // metadata: Alibaba, Azure
    v4(100, 100, 100, 200, 32),
    v4(168, 63, 129, 16, 32),
];

const PRIVATE_V4: [Ipv4Net; 6] = [
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(172, 16, 0, 0, 12),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
];

const LOOPBACK_V6: Ipv6Net = v6([0; 4], 1, 128);
const UNIQUE_LOCAL_V6: Ipv6Net = v6([0xfc00, 0, 0, 0], 0, 7);
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 0, 3);

/// <https://www.iana.org/assignments/iana-ipv6-special-registry> inside what is global or unique local.
const FORBIDDEN_V6: [Ipv6Net; 6] = [
    v6([0x2001, 0, 0, 0], 0, 23),
    v6([0x2001, 0xdb8, 0, 0], 0, 32),
    v6([0x3fff, 0, 0, 0], 0, 20),
    // metadata: Amazon, twice, and Google
    v6([0xfd00, 0xec2, 0, 0], 0x254, 128),
    v6([0xfd00, 0xec2, 0, 0], 0x23, 128),
    v6([0xfd20, 0xce, 0, 0], 0x254, 128),
];

pub(super) fn standing_v4(address: Ipv4Addr) -> Standing {
    if FORBIDDEN_V4.iter().any(|network| network.contains(&address)) {
        return Standing::Forbidden;
    }
    if PRIVATE_V4.iter().any(|network| network.contains(&address)) {
        return Standing::Private;
    }
    Standing::Global
}

pub(super) fn standing_v6(address: Ipv6Addr) -> Standing {
    if FORBIDDEN_V6.iter().any(|network| network.contains(&address)) {
        return Standing::Forbidden;
    }
    if LOOPBACK_V6.contains(&address) || UNIQUE_LOCAL_V6.contains(&address) {
        return Standing::Private;
    }
    if GLOBAL_V6.contains(&address) { Standing::Global } else { Standing::Forbidden }
}
