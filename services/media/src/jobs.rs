pub(crate) mod sweep_leftovers;
