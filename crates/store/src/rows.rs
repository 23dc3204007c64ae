use chrono::SecondsFormat;
use sea_orm::{
    ActiveModelTrait, ActiveValue, DbBackend, EntityName, EntityTrait, Iterable, Statement, Value,
    sea_query::{Expr, ExprTrait, Func, OnConflict, Query},
};
use serde_json::{Map, Value as Json};
use weft_domain::{Error, Result};

/// An insert of many rows for PostgreSQL. Its text is the same for any number of rows, which travel as one JSON value:
/// so it is planned once for each connection. A list of values would be another statement for each length, and planning
/// those took most of the database's time.
pub(crate) fn insert<A>(rows: &[A], conflict: Option<OnConflict>, returning: bool) -> Result<Statement>
where
    A: ActiveModelTrait,
{
    let all = <A::Entity as EntityTrait>::Column::iter();
    let set: Vec<<A::Entity as EntityTrait>::Column> =
        all.filter(|&column| rows.first().is_some_and(|row| !row.get(column).is_not_set())).collect();
    let values = rows.iter().map(|row| object(row, &set)).collect::<Result<Vec<_>>>()?;
    let values = serde_json::to_string(&values).map_err(Error::internal)?;
    let table = A::Entity::default();
    let rows = Func::cust("json_populate_recordset")
        .arg(Expr::cust(format!("NULL::\"{}\"", table.table_name())))
        .arg(Expr::val(values).cast_as("json"));
    let mut insert = Query::insert();
    insert
        .into_table(table.table_ref())
        .columns(set.iter().copied())
        .select_from(Query::select().columns(set).from_function(rows, "given").to_owned())
        .map_err(Error::internal)?;
    if let Some(conflict) = conflict {
        insert.on_conflict(conflict);
    }
    if returning {
        insert.returning_all();
    }
    Ok(DbBackend::Postgres.build(&insert))
}

fn object<A: ActiveModelTrait>(row: &A, columns: &[<A::Entity as EntityTrait>::Column]) -> Result<Json> {
    use sea_orm::IdenStatic;
    let mut object = Map::with_capacity(columns.len());
    for &column in columns {
        let (ActiveValue::Set(value) | ActiveValue::Unchanged(value)) = row.get(column) else {
            return Err(Error::internal(format!("not all rows have a value for {}", column.as_str())));
        };
        object.insert(column.as_str().to_owned(), json(value)?);
    }
    Ok(object.into())
}

/// A value as PostgreSQL reads it from JSON.
fn json(value: Value) -> Result<Json> {
    Ok(match value {
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::BigInt(value) => value.into(),
        Value::Double(value) => value.into(),
        Value::String(value) => value.into(),
        Value::Uuid(value) => value.map(|id| id.to_string()).into(),
        Value::ChronoDateTimeUtc(value) => {
            value.map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true)).into()
        }
        Value::Json(value) => value.map_or(Json::Null, |json| *json),
        Value::Bytes(value) => value.map(|bytes| format!("\\x{}", hex::encode(bytes))).into(),
        other => return Err(Error::internal(format!("a column of a kind that no table has: {other:?}"))),
    })
}
