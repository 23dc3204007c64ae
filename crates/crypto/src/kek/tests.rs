use std::os::unix::fs::PermissionsExt;

use proptest::prelude::*;
use weft_domain::id::from_uuid;

use super::*;

fn tenant(n: u8) -> TenantId {
    from_uuid(uuid::Uuid::from_bytes([n; 16]))
}

fn kek(byte: u8) -> Kek {
    Kek::new(SecretKey::from_slice(&[byte; 32]).unwrap())
}

#[test]
fn a_wrapped_key_unwraps_for_its_tenant_and_purpose_only() {
    let (one, other) = (tenant(1), tenant(2));
    let context = KeyContext { tenant: &one, purpose: "channel" };
    let data_key = DataKey::generate(7);
    let wrapped = kek(1).wrap(&data_key, &context).unwrap();
    let unwrapped = kek(1).unwrap(&wrapped, &context).unwrap();
    assert_eq!((unwrapped.id(), unwrapped.key.expose()), (7, data_key.key.expose()));
    for moved in [KeyContext { tenant: &other, ..context }, KeyContext { purpose: "contact", ..context }] {
        assert!(matches!(kek(1).unwrap(&wrapped, &moved), Err(Error::Unreadable)));
    }
    assert!(matches!(kek(2).unwrap(&wrapped, &context), Err(Error::UnknownKey)));
    let renamed = [&wrapped[..9], &8_u32.to_be_bytes(), &wrapped[13..]].concat();
    assert!(matches!(kek(1).unwrap(&renamed, &context), Err(Error::Unreadable)));
}

#[test]
fn the_format_is_fixed() {
    let tenant = tenant(3);
    let context = KeyContext { tenant: &tenant, purpose: "channel" };
    let data_key = DataKey::new(2, SecretKey::from_slice(&[9; 32]).unwrap());
    let wrapped = kek(1).wrap_with(&data_key, &context, &Fresh::fixed([5; 16], [6; 12])).unwrap();
    assert_eq!(
        hex::encode(wrapped),
        "0147676c9a921595d500000002050505050505050505050505050505050606060606060606060606\
         06b1644832120f21c9c71eb35eed2977033304b9e88ff9636b348b1a098fc0ac667261447f0c5561\
         d55966a1b8f2ddc68d"
    );
}

#[test]
fn a_key_file_is_made_once_and_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/kek");
    assert!(matches!(Kek::from_file(&path), Err(Error::KeyFile { .. })));
    let ids: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> =
            (0..8).map(|_| scope.spawn(|| Kek::from_file_or_create(&path).unwrap().id())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == Kek::from_file(&path).unwrap().id()));
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(folder.path().join("data").read_dir().unwrap().count(), 1, "no draft is left");

    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    assert!(matches!(Kek::from_file_or_create(&path), Err(Error::BadKey(_))));
}

#[test]
fn a_setting_must_be_32_bytes_in_base64() {
    let read = |text: &str| Kek::from_base64(&text.into());
    assert_eq!(read(&kek(1).key.to_base64()).unwrap().id(), kek(1).id());
    for wrong in ["", "AAAA", "not base64!", &"A".repeat(44)] {
        assert!(matches!(read(wrong), Err(Error::BadKey(_))), "{wrong}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_unwrapped_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let tenant = tenant(1);
        let context = KeyContext { tenant: &tenant, purpose: "p" };
        prop_assert!(kek(1).unwrap(&bytes, &context).is_err());
    }
}
