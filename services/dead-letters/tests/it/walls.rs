use std::sync::Mutex;

use rstest::rstest;
use tokio_util::sync::CancellationToken;
use weft_bus::Stream;
use weft_domain::{Role, TenantId, id};
use weft_proto::{
    Intent,
    compliance::v1::AuditRecord,
    dead_letters::v1::{
        DiscardDeadLetterRequest, DiscardDeadLettersRequest, GetDeadLetterRequest, ListDeadLettersRequest,
        ReplayDeadLetterRequest, ReplayDeadLettersRequest, dead_letter::State,
    },
    json,
};
use weft_store::{Pending, Topic, installation};

use crate::rig::{Engines, Home, Person, event, refused, unreadable};

/// What each method answers somebody about a letter, of a tenant they name or of their own: list, get, replay, discard.
async fn tries(person: &Person, id: &str, tenant: Option<TenantId>) -> [Result<usize, String>; 4] {
    let tenant = tenant.map(|tenant| tenant.to_string());
    let (id, why) = (id.to_owned(), "mine".to_owned());
    let mut api = person.api();
    let list = ListDeadLettersRequest { tenant: tenant.clone(), ..Default::default() };
    let get = GetDeadLetterRequest { id: id.clone(), tenant: tenant.clone() };
    let replay = ReplayDeadLetterRequest { id: id.clone(), tenant: tenant.clone() };
    let discard = DiscardDeadLetterRequest { id, why, tenant };
    let listed = api.list_dead_letters(person.call(list)).await.map(|page| page.into_inner().items.len());
    let shown = api.get_dead_letter(person.call(get)).await.map(|_| 1);
    let replayed = api.replay_dead_letter(person.call(replay)).await.map(|_| 1);
    let discarded = api.discard_dead_letter(person.call(discard)).await.map(|_| 1);
    [listed, shown, replayed, discarded].map(|answer| match answer {
        Ok(count) => Ok(count),
        refusal => Err(refused(refusal)),
    })
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_letters_are_seen_by_its_admins_and_by_operators_who_name_it(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    home.work(&replica).await;
    let (tenant, other) = (id::new(), id::new());
    home.bus.publish(Stream::In, event(tenant, "poison")).await.unwrap();
    let letter = replica.admin(tenant).until(1).await.remove(0);
    let not_found = || Err("not_found".to_owned());
    let nothing = [Ok(0), not_found(), not_found(), not_found()];
    let stranger = replica.admin(other);
    assert_eq!(tries(&stranger, &letter.id, None).await, nothing);
    let no_tenant = || Err("invalid_field".to_owned());
    let hidden = [Ok(0), no_tenant(), no_tenant(), no_tenant()];
    assert_eq!(tries(&stranger, &letter.id, Some(tenant)).await, hidden);
    let operator = replica.person(other, Role::Operator);
    assert_eq!(tries(&operator, &letter.id, None).await, nothing);
    for role in [Role::Agent, Role::Supervisor, Role::Manager] {
        let answers = tries(&replica.person(tenant, role), &letter.id, None).await;
        assert!(
            answers.iter().all(|answer| *answer == Err("permission_denied".to_owned())),
            "{role}: {answers:?}"
        );
    }
    for (person, named) in [(&stranger, tenant), (&stranger, id::new()), (&operator, id::new())] {
        let tenant = Some(named.to_string());
        let replay = ReplayDeadLettersRequest { tenant: tenant.clone(), ..Default::default() };
        assert_eq!(refused(person.api().replay_dead_letters(person.call(replay)).await), "invalid_field");
        let discard = DiscardDeadLettersRequest { tenant, why: "mine".into(), ..Default::default() };
        assert_eq!(refused(person.api().discard_dead_letters(person.call(discard)).await), "invalid_field");
    }
    assert_eq!(replica.admin(tenant).all().await, std::slice::from_ref(&letter));
    let answers = tries(&operator, &letter.id, Some(tenant)).await;
    assert_eq!(answers, [Ok(1), Ok(1), Ok(1), Err("letter_replayed".to_owned())]);
    replica.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_of_no_tenant_is_for_operators_alone(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    home.bus.put_dead_letter(unreadable(None, "of nobody")).await.unwrap();
    let mut mangled = unreadable(None, "of nonsense");
    mangled.event.tenant = Some("nobody we know".to_owned());
    home.bus.put_dead_letter(mangled).await.unwrap();
    home.until_the_bus_has_none().await;
    let tenant = id::new();
    let nobody = Some(installation().to_string());
    let list = ListDeadLettersRequest { tenant: nobody, ..Default::default() };
    let operator = replica.person(tenant, Role::Operator);
    let letters = operator.list(list.clone()).await;
    assert_eq!(letters.len(), 2, "{letters:#?}");
    assert!(letters.iter().all(|letter| letter.state() == State::Kept));
    let admin = replica.admin(tenant);
    assert_eq!(admin.list(list).await, []);
    let no_tenant = || Err("invalid_field".to_owned());
    let answers = tries(&admin, &letters[0].id, Some(installation())).await;
    assert_eq!(answers, [Ok(0), no_tenant(), no_tenant(), no_tenant()]);
    let answers = tries(&operator, &letters[0].id, Some(installation())).await;
    assert_eq!(answers, [Ok(2), Ok(1), Err("not_replayable".to_owned()), Ok(1)]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_replays_and_discards_is_told_to_the_audit_log() {
    let home = Home::new(Engines::Embedded).await;
    let replica = home.replica().await;
    let work = home.work(&replica).await;
    let tenant = id::new();
    for id in ["1", "2"] {
        home.bus.publish(Stream::In, event(tenant, id)).await.unwrap();
    }
    let admin = replica.admin(tenant);
    let letters = admin.until(2).await;
    work.mend();
    admin.show(&letters[0].id).await.unwrap();
    admin.replay(&letters[0].id).await.unwrap();
    admin.discard(&letters[1].id, "enough").await.unwrap();
    let all = ReplayDeadLettersRequest { reason: Some("broken".into()), ..Default::default() };
    admin.api().replay_dead_letters(admin.call(all)).await.unwrap();
    let all = DiscardDeadLettersRequest { why: "enough".into(), ..Default::default() };
    admin.api().discard_dead_letters(admin.call(all)).await.unwrap();

    let store = home.store().await;
    let mark = &Intent::without_request("test", "mark");
    store.tenant(tenant).write(|tx| async move { tx.audit(mark) }).await.unwrap();
    let (heard, stop) = (&Mutex::new(Vec::new()), &CancellationToken::new());
    let sink = |pending: Vec<Pending>| async move {
        for one in pending.iter().filter(|one| one.topic == Topic::Audit) {
            let record: AuditRecord = json::decode(&one.body)?;
            match record.action.as_str() {
                "mark" => stop.cancel(),
                _ => heard.lock().unwrap().push(record),
            }
        }
        Ok(())
    };
    store.relay(sink, stop.clone()).await.unwrap();
    let heard = heard.lock().unwrap().clone();
    let actions: Vec<&str> = heard.iter().map(|record| record.action.as_str()).collect();
    let expected = ["read", "replay", "discard", "replay_many", "discard_many"]
        .map(|verb| format!("dead_letter.{verb}"));
    assert_eq!(actions, expected);
    assert!(heard[0].objects.contains(&letters[0].id) && heard[2].objects.contains(&letters[1].id));
    assert!(!format!("{heard:?}").contains("enough"), "words of people are not for the audit log");
    replica.stop().await;
}
