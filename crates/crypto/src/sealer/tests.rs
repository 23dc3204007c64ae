use proptest::prelude::*;
use secrecy::ExposeSecret;
use weft_domain::id::from_uuid;

use super::*;
use crate::secret_key::SecretKey;

fn tenant(n: u8) -> TenantId {
    from_uuid(uuid::Uuid::from_bytes([n; 16]))
}

fn key(id: u32, byte: u8) -> DataKey {
    DataKey::new(id, SecretKey::from_slice(&[byte; 32]).unwrap())
}

fn sealer() -> Sealer {
    Sealer::new([key(1, 1), key(2, 2)], 2).unwrap()
}

#[test]
fn a_moved_value_does_not_open() {
    let (one, other) = (tenant(1), tenant(2));
    let place = Place { tenant: &one, table: "contact", column: "phone", row: b"row 1" };
    let sealed = sealer().seal(&place, b"+15550100").unwrap();
    assert_eq!(sealer().open(&place, &sealed).unwrap().expose_secret(), b"+15550100");
    for moved in [
        Place { tenant: &other, ..place },
        Place { table: "user", ..place },
        Place { column: "email", ..place },
        Place { row: b"row 2", ..place },
        Place { table: "contactp", column: "hone", ..place },
    ] {
        assert!(matches!(sealer().open(&moved, &sealed), Err(Error::Unreadable)), "{moved:?}");
    }
}

#[test]
fn a_value_that_names_another_key_or_version_does_not_open() {
    let tenant = tenant(1);
    let place = Place { tenant: &tenant, table: "contact", column: "phone", row: b"1" };
    let sealed = sealer().seal(&place, b"x").unwrap();
    let other_key = [&sealed[..1], &1_u32.to_be_bytes(), &sealed[5..]].concat();
    assert!(matches!(sealer().open(&place, &other_key), Err(Error::Unreadable)));
    let no_key = [&sealed[..1], &9_u32.to_be_bytes(), &sealed[5..]].concat();
    assert!(matches!(sealer().open(&place, &no_key), Err(Error::UnknownKey)));
    let same_key_other_name = Sealer::new([key(1, 2)], 1).unwrap();
    assert!(matches!(same_key_other_name.open(&place, &other_key), Err(Error::Unreadable)));
    let other_version = [&[2], &sealed[1..]].concat();
    assert!(matches!(sealer().open(&place, &other_version), Err(Error::Unreadable)));
}

#[test]
fn old_keys_open_while_the_new_one_seals() {
    let tenant = tenant(1);
    let place = Place { tenant: &tenant, table: "contact", column: "phone", row: b"1" };
    let before = Sealer::new([key(1, 1)], 1).unwrap();
    let sealed = before.seal(&place, b"x").unwrap();
    assert_eq!(sealer().open(&place, &sealed).unwrap().expose_secret(), b"x");
    assert!(sealer().is_outdated(&sealed).unwrap());
    assert!(!sealer().is_outdated(&sealer().seal(&place, b"x").unwrap()).unwrap());
    assert!(Sealer::new([key(1, 1)], 2).is_err() && Sealer::new([key(1, 1), key(1, 2)], 1).is_err());
}

#[test]
fn the_format_is_fixed() {
    let tenant = tenant(3);
    let place = Place { tenant: &tenant, table: "contact", column: "phone", row: &[4; 16] };
    let fresh = Fresh::fixed([5; 16], [6; 12]);
    let sealed = sealer().seal_with(&place, b"+15550100", &fresh).unwrap();
    assert_eq!(
        hex::encode(&sealed),
        "010000000205050505050505050505050505050505060606060606060606060606267ecf72add6cd\
         583fd9d9b2a4c36af100baf81f9c67d99dbe"
    );
    assert_eq!(sealer().open(&place, &sealed).unwrap().expose_secret(), b"+15550100");
}

proptest! {
    #[test]
    fn what_is_sealed_opens_and_what_is_changed_or_cut_does_not(
        plain in prop::collection::vec(any::<u8>(), 0..100),
        at in any::<prop::sample::Index>(),
        flip in 1_u8..,
    ) {
        let tenant = tenant(1);
        let place = Place { tenant: &tenant, table: "t", column: "c", row: b"r" };
        let sealed = sealer().seal(&place, &plain).unwrap();
        let opened = sealer().open(&place, &sealed).unwrap();
        prop_assert_eq!(opened.expose_secret(), &plain);
        let at = at.index(sealed.len());
        prop_assert!(sealer().open(&place, &sealed[..at]).is_err());
        let mut changed = sealed.clone();
        changed[at] ^= flip;
        prop_assert!(sealer().open(&place, &changed).is_err());
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let tenant = tenant(1);
        let place = Place { tenant: &tenant, table: "t", column: "c", row: b"r" };
        prop_assert!(sealer().open(&place, &bytes).is_err());
    }
}
