//! How simulators are run.

use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

/// Makes the simulator of a provider.
pub type Start = fn(SimulationOptions) -> Result<Simulation>;
