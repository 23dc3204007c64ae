use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;
use weft_domain::{ErrorCode, id};
use weft_proto::{
    convert::timestamp,
    directory::v1::{
        Capabilities, Channel, ChannelTemplate, DeleteChannelRequest, FindTemplateRequest,
        FindTemplateResponse, KeepTemplatesRequest, ListTemplatesRequest, ListTemplatesResponse,
        SyncTemplatesRequest, UpdateChannelRequest, channel_template::Status,
    },
    events::v1::{ChannelTemplatesRequested, ChannelTemplatesUpdated},
};

use crate::{
    channels::{announce, change, create, kind, until_titled, update, with_echo},
    rig::{Engine, Me, Rig, refusal, told},
};

fn template(name: &str, language: &str, status: Status) -> ChannelTemplate {
    ChannelTemplate {
        name: name.to_owned(),
        language: language.to_owned(),
        status: status.into(),
        body: "Hi {{1}}".to_owned(),
        variables: vec!["1".to_owned()],
        ..ChannelTemplate::default()
    }
}

fn kept(channel: &Channel, asked_at: DateTime<Utc>, templates: Vec<ChannelTemplate>) -> KeepTemplatesRequest {
    KeepTemplatesRequest {
        channel_id: channel.id.clone(),
        asked_at: Some(timestamp(asked_at)),
        templates,
        last: true,
        fault: String::new(),
    }
}

impl Rig {
    async fn keep(&self, request: KeepTemplatesRequest) {
        told(self.template_store().keep_templates(request).await).unwrap();
    }

    async fn list(&self, me: &Me, request: ListTemplatesRequest) -> ListTemplatesResponse {
        told(self.templates().list_templates(me.call(request)).await).unwrap()
    }

    async fn find(
        &self,
        tenant: &str,
        channel: &Channel,
        name: &str,
        language: &str,
    ) -> FindTemplateResponse {
        let request = FindTemplateRequest {
            tenant_id: tenant.to_owned(),
            channel_id: channel.id.clone(),
            name: name.to_owned(),
            language: language.to_owned(),
        };
        told(self.template_store().find_template(request).await).unwrap()
    }
}

fn of(channel: &Channel) -> ListTemplatesRequest {
    ListTemplatesRequest { id: channel.id.clone(), ..ListTemplatesRequest::default() }
}

fn names(page: &ListTemplatesResponse) -> Vec<(&str, &str)> {
    page.items.iter().map(|template| (template.name.as_str(), template.language.as_str())).collect()
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_lists_takes_the_place_of_what_it_listed_before(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let channel = create(&rig, &me).await;
    let mut events = rig.events(&["channel_templates.updated"]).await;
    let page = rig.list(&me, of(&channel)).await;
    assert_eq!((page.items.len(), page.synced_at), (0, None));

    let begun = rig.clock_now();
    let first = vec![template("hello", "en", Status::Approved), template("hello", "de", Status::Pending)];
    rig.keep(KeepTemplatesRequest { last: false, ..kept(&channel, begun, first) }).await;
    assert_eq!(rig.list(&me, of(&channel)).await.synced_at, None, "more is to come");
    rig.keep(kept(&channel, begun, vec![template("bye", "en", Status::Rejected)])).await;
    let updated: ChannelTemplatesUpdated = events.next().await;
    assert_eq!((updated.channel_id.as_str(), updated.count), (channel.id.as_str(), 3));
    let page = rig.list(&me, of(&channel)).await;
    assert_eq!(names(&page), [("hello", "de"), ("hello", "en"), ("bye", "en")]);
    assert_eq!(page.synced_at, Some(timestamp(begun)));

    // page by page, and only some
    let first_page = rig.list(&me, ListTemplatesRequest { page_size: 2, ..of(&channel) }).await;
    assert_eq!(first_page.items, page.items[..2]);
    let next = ListTemplatesRequest { page_token: first_page.next_page_token, ..of(&channel) };
    assert_eq!(names(&rig.list(&me, next).await), [("bye", "en")]);
    let approved = ListTemplatesRequest { status: Some("approved".to_owned()), ..of(&channel) };
    assert_eq!(names(&rig.list(&me, approved).await), [("hello", "en")]);
    let german = ListTemplatesRequest { language: Some("de".to_owned()), ..of(&channel) };
    assert_eq!(names(&rig.list(&me, german).await), [("hello", "de")]);
    let odd = ListTemplatesRequest { status: Some("good".to_owned()), ..of(&channel) };
    assert_eq!(refusal(rig.templates().list_templates(me.call(odd)).await).field(), Some("status"));

    // what could not be had leaves what is there; what was asked for before counts no longer
    let later = begun + TimeDelta::seconds(10);
    let fault = "the token has expired".to_owned();
    rig.keep(KeepTemplatesRequest { fault, ..kept(&channel, later, Vec::new()) }).await;
    let page = rig.list(&me, of(&channel)).await;
    assert_eq!((page.items.len(), page.fault.as_str()), (3, "the token has expired"));
    assert_eq!(page.synced_at, Some(timestamp(begun)));
    rig.keep(kept(&channel, later - TimeDelta::seconds(5), Vec::new())).await;
    assert_eq!(rig.list(&me, of(&channel)).await.items.len(), 3, "a late list of before changes nothing");
    let last = later + TimeDelta::seconds(10);
    rig.keep(kept(&channel, last, vec![template("hello", "en", Status::Paused)])).await;
    let page = rig.list(&me, of(&channel)).await;
    assert_eq!((names(&page), page.items[0].status()), (vec![("hello", "en")], Status::Paused));
    assert_eq!(page.fault, "");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn templates_are_their_tenants_and_go_with_their_channel(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let (_, other) = rig.admin("other").await;
    let tenant = me.principal.tenant.to_string();
    let channel = create(&rig, &me).await;
    let unknown = rig.find(&tenant, &channel, "hello", "en").await;
    assert_eq!(unknown, FindTemplateResponse::default(), "nobody has asked yet");
    let all = vec![template("hello", "en", Status::Approved), template("hello", "de", Status::Pending)];
    rig.keep(kept(&channel, rig.clock_now(), all.clone())).await;
    let found = rig.find(&tenant, &channel, "hello", "en").await;
    assert_eq!((found.template.as_ref(), found.synced), (Some(&all[0]), true));
    assert_eq!(found.languages, ["de", "en"]);
    let elsewhere = rig.find(&tenant, &channel, "hello", "fr").await;
    assert_eq!((elsewhere.template, elsewhere.languages.len()), (None, 2));
    let theirs = rig.find(&other.principal.tenant.to_string(), &channel, "hello", "en").await;
    assert_eq!(theirs, FindTemplateResponse::default());
    let error = refusal(rig.templates().list_templates(other.call(of(&channel))).await);
    assert_eq!(error.code(), ErrorCode::NotFound);

    let gone = DeleteChannelRequest { id: channel.id.clone() };
    told(rig.channels().delete_channel(me.call(gone)).await).unwrap();
    assert_eq!(rig.find(&tenant, &channel, "hello", "en").await, FindTemplateResponse::default());
    let late = kept(&channel, rig.clock_now() + TimeDelta::seconds(1), all);
    assert_eq!(refusal(rig.template_store().keep_templates(late).await).code(), ErrorCode::NotFound);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_is_asked_for_templates_if_its_channel_has_any(#[case] engine: Engine) {
    let (rig, me) = with_echo(engine).await;
    let mut events = rig.events(&["channel_templates.*"]).await;
    let channel = create(&rig, &me).await;
    let ask = |id: &str| SyncTemplatesRequest { id: id.to_owned() };
    let error = refusal(rig.templates().sync_templates(me.call(ask(&channel.id))).await);
    assert_eq!(error.reason(), "templates_unsupported");
    let nobodys = id::new::<id::Channel>().to_string();
    let error = refusal(rig.templates().sync_templates(me.call(ask(&nobodys))).await);
    assert_eq!(error.code(), ErrorCode::NotFound);

    let mut with_templates = kind("echo", "Echo with templates");
    with_templates.capabilities = Some(Capabilities { templates: true, ..Capabilities::default() });
    announce(&rig, with_templates, TimeDelta::seconds(-1)).await;
    until_titled(&rig, &me, "echo", "Echo with templates").await;
    for _ in 0..2 {
        told(rig.templates().sync_templates(me.call_once("s", ask(&channel.id))).await).unwrap();
    }
    told(rig.templates().sync_templates(me.call(ask(&channel.id))).await).unwrap();
    for _ in 0..2 {
        let asked: ChannelTemplatesRequested = events.next().await;
        assert_eq!((asked.channel_id.as_str(), asked.channel_kind.as_str()), (channel.id.as_str(), "echo"));
    }
    update(&rig, &me, UpdateChannelRequest { enabled: Some(false), ..change(&channel) }).await;
    let error = refusal(rig.templates().sync_templates(me.call(ask(&channel.id))).await);
    assert_eq!(error.reason(), "channel_disabled");
    rig.stop().await;
}
