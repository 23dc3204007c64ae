use rstest::rstest;
use weft_domain::{ErrorCode, Role, id};
use weft_proto::directory::v1::{
    CreateTenantRequest, GetTenantRequest, ListTenantsRequest, UpdateTenantRequest,
};

use crate::rig::{Engine, Me, PASSWORD, Rig, refusal, told};

fn tenant(slug: &str) -> CreateTenantRequest {
    CreateTenantRequest { slug: slug.to_owned(), name: slug.to_owned(), ..Default::default() }
}

async fn operator(rig: &Rig) -> Me {
    let home = rig.tenant("operations").await;
    rig.person(home, "root@operations.test", Role::Operator).await;
    rig.sign_in("root@operations.test").await
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_creates_tenants_with_their_first_admin(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let root = operator(&rig).await;
    let request = CreateTenantRequest {
        admin_email: Some("ada@north.test".to_owned()),
        admin_password: Some(PASSWORD.to_owned()),
        ..tenant("north")
    };
    let made = told(rig.tenants().create_tenant(root.call_once("k", request.clone())).await).unwrap();
    let again = rig.tenants().create_tenant(root.call_once("k", request)).await.unwrap();
    assert!(again.metadata().get(weft_rpc::REPLAYED).is_some());
    assert_eq!(again.into_inner(), made);
    let ada = rig.sign_in("ada@north.test").await;
    assert_eq!((ada.principal.tenant.to_string(), ada.principal.role), (made.id, Role::Admin));
    for (wrong, code, field) in [
        (tenant("north"), ErrorCode::Conflict, "slug"),
        (tenant("North"), ErrorCode::Invalid, "slug"),
        (tenant("a--b"), ErrorCode::Invalid, "slug"),
        (CreateTenantRequest { name: String::new(), ..tenant("x") }, ErrorCode::Invalid, "name"),
        (
            CreateTenantRequest { admin_email: Some("a@b.test".to_owned()), ..tenant("x") },
            ErrorCode::Invalid,
            "admin_password",
        ),
        (
            CreateTenantRequest { admin_password: Some(PASSWORD.to_owned()), ..tenant("x") },
            ErrorCode::Invalid,
            "admin_email",
        ),
    ] {
        let error = refusal(rig.tenants().create_tenant(root.call(wrong)).await);
        assert_eq!((error.code(), error.field()), (code, Some(field)), "{error:?}");
    }
    let error = refusal(rig.tenants().create_tenant(ada.call(tenant("south"))).await);
    assert_eq!(error.code(), ErrorCode::Forbidden);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_all_tenants_and_anybody_else_their_own(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let root = operator(&rig).await;
    let (north, me) = rig.admin("north").await;
    let (south, _) = rig.admin("south").await;
    let slugs = async |caller: &Me| {
        let mut slugs = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListTenantsRequest { page_size: 2, page_token };
            let page = told(rig.tenants().list_tenants(caller.call(request)).await).unwrap();
            slugs.extend(page.items.into_iter().map(|tenant| tenant.slug));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return slugs;
            }
        }
    };
    assert_eq!(slugs(&root).await, ["operations", "north", "south"]);
    assert_eq!(slugs(&me).await, ["north"]);
    let rename = |id: &str| UpdateTenantRequest { id: id.to_owned(), name: Some("New".to_owned()) };
    let get = |id: &str| GetTenantRequest { id: id.to_owned() };
    let unknown = id::new::<id::Tenant>().to_string();
    for id in [south.to_string().as_str(), &unknown, "nonsense"] {
        for error in [
            refusal(rig.tenants().get_tenant(me.call(get(id))).await),
            refusal(rig.tenants().update_tenant(me.call(rename(id))).await),
        ] {
            assert_eq!((error.code(), error.message()), (ErrorCode::NotFound, "no such tenant"), "{id}");
        }
    }
    let renamed = told(rig.tenants().update_tenant(me.call(rename(&north.to_string()))).await).unwrap();
    assert_eq!((renamed.name.as_str(), renamed.slug.as_str()), ("New", "north"));
    let seen = told(rig.tenants().get_tenant(root.call(get(&south.to_string()))).await).unwrap();
    assert_eq!(seen.slug, "south");
    let error = refusal(rig.tenants().get_tenant(root.call(get(&unknown))).await);
    assert_eq!((error.code(), error.message()), (ErrorCode::NotFound, "no such tenant"));
    rig.stop().await;
}
