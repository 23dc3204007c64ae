use crate::{Source, Tree, Violation, tree::is_under};

/// The doors to the database that lead past the tenant.
const DOORS: [&str; 6] = [
    "ConnectionTrait",
    "DatabaseConnection",
    "DatabaseTransaction",
    "DbConn",
    "Statement",
    "TransactionTrait",
];

/// Outside the store no code holds a connection: `store.tenant(id)` is the only door (TN-2).
pub fn tenant_scope(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in tree.production().filter(|(path, _)| !is_exempt(path)) {
        let mentioned: Vec<&str> = DOORS.into_iter().filter(|door| text.contains(door)).collect();
        if mentioned.is_empty() {
            continue;
        }
        let source = Source::read(text);
        for door in mentioned {
            let what = format!("`{door}` leads past the tenant");
            let remedy =
                "take a `TenantTx` from `store.tenant(id)`, or a system scope that names its purpose";
            found.extend(
                source.find(&[door]).into_iter().map(|line| Violation::new(path, line, &what, remedy)),
            );
        }
    }
    found
}

/// The store itself; tables and their migrations, which hold no tenant's request.
fn is_exempt(path: &str) -> bool {
    is_under(path, "crates/store")
        || path.contains("/entity/")
        || path.contains("/migration/")
        || path.ends_with("/src/migration.rs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    #[test]
    fn a_connection_outside_the_store_is_found() {
        let service = ("services/a/Cargo.toml", "[package]\nname = \"x\"\nmetadata.weft.floor = 7\n");
        let store = ("crates/store/Cargo.toml", "[package]\nname = \"x\"\nmetadata.weft.floor = 3\n");
        for door in DOORS {
            let code = format!("// {door}\nuse sea_orm::{{\n  {door},\n}};\n");
            let test = format!("#[cfg(test)]\nmod tests {{ {code} }}");
            let files = [
                service,
                store,
                ("crates/store/src/lib.rs", code.as_str()),
                ("services/a/src/app/get.rs", &code),
                ("services/a/src/app/put.rs", &test),
                ("services/a/src/migration.rs", &code),
                ("services/a/src/migration/m1.rs", &code),
                ("services/a/tests/it/main.rs", &code),
            ];
            assert_eq!(broken(tenant_scope, &files), [("services/a/src/app/get.rs".to_owned(), 3)], "{door}");
        }
    }
}
