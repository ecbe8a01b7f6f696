//! `reports_manager.php?api=diagram_1_3`: calls and time by IVR menu option.

use super::{WireRow, wire_row};
use crate::api::Endpoint;
use crate::api::values::{Count, FieldValue, Text, TimeSpent};

wire_row! {
    /// One option of one routing point, over the window of the query.
    #[derive(Debug, Default, PartialEq)]
    pub struct IvrRow {
        /// The routing point.
        pub rp_id: FieldValue<Text>,
        pub calls: FieldValue<Count>,
        /// The time of all calls together.
        pub time: FieldValue<TimeSpent>,
        /// The option that the caller chose: a text of the customer, or `PULSE` if the caller chose nothing.
        pub cod_opc_menu: FieldValue<Text>,
    }
}

impl WireRow for IvrRow {
    const ENDPOINT: Endpoint = Endpoint { file: "reports_manager.php", api: "diagram_1_3" };
}
