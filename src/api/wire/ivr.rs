//! `reports_manager.php?api=diagram_1_3`: calls and time by IVR menu option.

use serde::de::{IgnoredAny, MapAccess};

use super::{Fields, WireRow};
use crate::api::Endpoint;
use crate::api::values::{Count, FieldValue, Text, TimeSpent};

/// One option of one routing point, over the window asked for.
#[derive(Debug, Default, PartialEq)]
pub struct IvrRow {
    /// `rp_id`, the routing point
    pub rp_id: FieldValue<Text>,
    /// `calls`
    pub calls: FieldValue<Count>,
    /// `time`, all calls together
    pub time: FieldValue<TimeSpent>,
    /// `cod_opc_menu`, what the caller chose: the customer's own text, or `PULSE` for nothing
    pub cod_opc_menu: FieldValue<Text>,
}

impl WireRow for IvrRow {
    const ENDPOINT: Endpoint = Endpoint { file: "reports_manager.php", api: "diagram_1_3" };

    const FIELDS: &'static [&'static str] = &["rp_id", "calls", "time", "cod_opc_menu"];
}

impl Fields for IvrRow {
    fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "rp_id" => self.rp_id = map.next_value()?,
            "calls" => self.calls = map.next_value()?,
            "time" => self.time = map.next_value()?,
            "cod_opc_menu" => self.cod_opc_menu = map.next_value()?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
