//! `trailpost deploy`: whether a deployed stack is as it should be, and whether what is sent comes out.

mod doctor;
mod template;
mod trial;
mod way;

use crate::args::DeployCommand;
use crate::exit::{Ending, Failure};

pub(crate) fn run(command: &DeployCommand) -> Result<Ending, Failure> {
    match command {
        DeployCommand::Doctor(args) => doctor::run(args),
        DeployCommand::Test(args) => trial::run(args),
    }
}
