"""The Spanish texts of the dashboards: pairs of English and Spanish."""

TEXTS = [
    # The wallboard, and texts that several dashboards share.
    ("wolkvox: wall", "wolkvox: tablero de sala"),
    (
        "The contact centre on one screen: what waits, what was promised, what needs somebody now.",
        "El contact center en una pantalla: qué espera, qué se prometió y qué necesita a alguien ahora.",
    ),
    ("Data source", "Fuente de datos"),
    ("Instance", "Instancia"),
    ("Operation", "Operación"),
    ("Waiting now", "En espera ahora"),
    (
        "Calls in queue now, all chosen skills together, and how many there were 15 minutes ago.",
        "Llamadas en cola ahora, todos los skills elegidos juntos, y cuántas había hace 15 minutos.",
    ),
    ("No data", "Sin datos"),
    ("▲ more", "▲ más"),
    ("= the same", "= igual"),
    ("▼ fewer", "▼ menos"),
    ("waiting", "en espera"),
    ("State", "Estado"),
    ("▲ OK", "▲ En meta"),
    ("▼ At risk", "▼ En riesgo"),
    ("▼ Missed", "▼ Incumplido"),
    ("Closed", "Cerrado"),
    ("No volume", "Sin actividad"),
    ("No figure", "Sin cifra"),
    ("Broken", "Falla"),
    ("15 min ago", "hace 15 min"),
    ("Service level, 30 min", "Nivel de servicio, 30 min"),
    (
        (
            "Calls answered in time ÷ calls received in the last 30 minutes. The target is that of the skills, "
            "weighted by their calls. At risk is what is below the target, missed what is below 90 % of it."
        ),
        (
            "Llamadas contestadas a tiempo ÷ recibidas en los últimos 30 minutos. La meta es la de los skills, "
            "ponderada por sus llamadas. En riesgo es por debajo de la meta; incumplido, por debajo del 90 % de ella."
        ),
    ),
    ("▲ on target", "▲ en meta"),
    ("▼ at risk", "▼ en riesgo"),
    ("▼ missed", "▼ incumplido"),
    ("no target", "sin meta"),
    ("target", "meta"),
    ("Abandoned, 30 min", "Abandono, 30 min"),
    (
        (
            "Calls abandoned ÷ calls received in the last 30 minutes, and what is not to be exceeded. Red is twice "
            "of that."
        ),
        "Llamadas abandonadas ÷ recibidas en los últimos 30 minutos, y lo que no se debe superar. Rojo es el doble.",
    ),
    ("▼ within", "▼ dentro"),
    ("▲ above", "▲ por encima"),
    ("▲ far above", "▲ muy por encima"),
    ("at most", "máximo"),
    ("Calls received, 30 min", "Llamadas recibidas, 30 min"),
    (
        (
            "Calls received in the last 30 minutes, and in the same half-hour a week ago. A quarter more or less is "
            "as usual."
        ),
        (
            "Llamadas recibidas en los últimos 30 minutos y en la misma media hora hace una semana. Una cuarta parte "
            "más o menos es lo habitual."
        ),
    ),
    ("= as usual", "= lo habitual"),
    ("received", "recibidas"),
    ("a week ago", "hace una semana"),
    ("Estimated wait", "Espera estimada"),
    (
        (
            "How long a caller waits, by Little's law: mean queue ÷ arrivals of the last 15 minutes, and the same 15 "
            "minutes ago."
        ),
        (
            "Cuánto espera quien llama, por la ley de Little: cola media ÷ llegadas de los últimos 15 minutos, y lo "
            "mismo hace 15 minutos."
        ),
    ),
    ("▲ longer", "▲ más larga"),
    ("▼ shorter", "▼ más corta"),
    ("wait", "espera"),
    ("Age of the data", "Antigüedad de los datos"),
    (
        (
            "Since the last good poll of the skills: the oldest of all chosen operations, and how often they are "
            "polled. Too old means that the numbers of that operation are of then, not of now."
        ),
        (
            "Desde la última consulta buena de los skills: la más antigua de las operaciones elegidas, y cada cuánto "
            "se consulta. Demasiado antigua significa que los números de esa operación son de entonces, no de ahora."
        ),
    ),
    ("▼ fresh", "▼ al día"),
    ("▲ too old: broken", "▲ muy antiguos: falla"),
    ("polled every", "se consulta cada"),
    ("Skills, worst first", "Skills, los peores primero"),
    (
        (
            "Sorted by attainment, service level ÷ target of the last 30 minutes; broken ones on top, closed and "
            "idle ones at the end. Service level: answered in time ÷ received. To recover: calls in a row that have "
            "to be answered in time until the day is on target."
        ),
        (
            "Por cumplimiento, nivel de servicio ÷ meta de los últimos 30 minutos; arriba los que fallan, al final "
            "los cerrados y los que no tienen llamadas. Nivel de servicio: contestadas a tiempo ÷ recibidas. Para "
            "recuperar: llamadas seguidas que hay que contestar a tiempo hasta que el día esté en meta."
        ),
    ),
    ("Id", "Id"),
    ("Show this skill", "Ver este skill"),
    ("Attainment", "Cumplimiento"),
    ("SL 30 min", "NS 30 min"),
    ("Target", "Meta"),
    ("Queue", "Cola"),
    ("Abandoned", "Abandono"),
    ("Received", "Recibidas"),
    ("Wait", "Espera"),
    ("SL today", "NS hoy"),
    ("To recover", "Recuperar"),
    ("Alerts firing now", "Alertas activas ahora"),
    (
        (
            "The alerts of alerts/wolkvox-alerts.rules.yml that fire, and for how long their condition has held; "
            "their names are without Wolkvox. Silences of Alertmanager do not hide them here."
        ),
        (
            "Las alertas de alerts/wolkvox-alerts.rules.yml que están activas, y desde hace cuánto se cumple su "
            "condición; sus nombres van sin Wolkvox. Los silencios de Alertmanager no las ocultan aquí."
        ),
    ),
    ("No alert is firing", "No hay alertas activas"),
    ("Severity", "Severidad"),
    ("▲ critical", "▲ crítica"),
    ("■ warning", "■ advertencia"),
    ("● info", "● informativa"),
    ("Alert", "Alerta"),
    ("For", "Desde hace"),
    ("Queue by skill", "Cola por skill"),
    (
        (
            "The most calls that waited at a time, for the 15 skills that need help most at the end of the time "
            "range. Where nobody waits, a word says that it is closed, has no volume or no figure. Broken hides the "
            "queue. An empty cell: Prometheus has nothing."
        ),
        (
            "El máximo de llamadas en espera a la vez, de los 15 skills que más ayuda necesitan al final del "
            "periodo. Donde nadie espera, una palabra dice si está cerrado, sin actividad o sin cifra. Con «Falla» "
            "no se muestra la cola. Celda vacía: Prometheus no tiene nada."
        ),
    ),
    ("Service level by skill", "Nivel de servicio por skill"),
    (
        (
            "The 15 skills that need help most at the end of the time range. OK: on target in the last 30 minutes. "
            "At risk: below it. Missed: below 90 % of it. Closed: by its opening hours. No volume: nobody called. No "
            "figure: calls, but no service level, or no target. Broken: the data are too old. A gap: Prometheus has "
            "nothing."
        ),
        (
            "Los 15 skills que más ayuda necesitan al final del periodo. En meta: lo está en los últimos 30 minutos. "
            "En riesgo: por debajo de la meta. Incumplido: por debajo del 90 % de ella. Cerrado: según su horario. "
            "Sin actividad: nadie llamó. Sin cifra: hay llamadas, pero no nivel de servicio, o no hay meta. Falla: "
            "los datos son demasiado antiguos. Un hueco: Prometheus no tiene nada."
        ),
    ),
    # Skill.
    ("wolkvox: skill", "wolkvox: skill"),
    (
        "One row of panels a skill: windows against their target, queue, wait, abandonment and the day so far.",
        "Una fila de paneles por skill: ventanas contra su meta, cola, espera, abandono y lo que va del día.",
    ),
    (
        "Service level of the last 30 minutes against its target, or why there is none.",
        "Nivel de servicio de los últimos 30 minutos contra su meta, o por qué no lo hay.",
    ),
    ("Calls in queue now.", "Llamadas en cola ahora."),
    (
        "Mean queue ÷ arrivals of the last 15 minutes (Little's law).",
        "Cola media ÷ llegadas de los últimos 15 minutos (ley de Little).",
    ),
    ("Service level today", "Nivel de servicio hoy"),
    (
        "The day so far, as wolkvox shows it. It hardly moves in the evening: look at the windows.",
        "Lo que va del día, como lo muestra wolkvox. Por la tarde casi no se mueve: mire las ventanas.",
    ),
    ("Calls to recover", "Llamadas para recuperar"),
    (
        "Calls in a row that have to be answered in time until the day is on target.",
        "Llamadas seguidas que hay que contestar a tiempo hasta que el día esté en meta.",
    ),
    ("Service level", "Nivel de servicio"),
    (
        "Calls answered in time ÷ calls received, over 15 minutes, 30 minutes and 2 hours. Dashed: the target.",
        "Llamadas contestadas a tiempo ÷ recibidas, en 15 minutos, 30 minutos y 2 horas. Línea discontinua: la meta.",
    ),
    ("Abandonment", "Abandono"),
    (
        "Calls abandoned ÷ calls received, over 15 minutes, 30 minutes and 1 hour. Dashed: what is not to be exceeded.",
        (
            "Llamadas abandonadas ÷ recibidas, en 15 minutos, 30 minutos y 1 hora. Línea discontinua: lo que no se "
            "debe superar."
        ),
    ),
    (
        "Calls received in half an hour. Dashed: the same half-hour a week ago.",
        "Llamadas recibidas en media hora. Línea discontinua: la misma media hora hace una semana.",
    ),
    ("The most calls that waited at a time.", "El máximo de llamadas en espera a la vez."),
    ("Mean queue ÷ arrivals of 15 minutes (Little's law).", "Cola media ÷ llegadas de 15 minutos (ley de Little)."),
    ("Burn rate", "Consumo del margen"),
    (
        (
            "Calls missed, in units of those that the target allows: above 1 the promise is being broken; on a "
            "target of 80 % it is 5 at most. The alerts look at it."
        ),
        (
            "Llamadas fuera de tiempo, medidas en las que la meta permite: por encima de 1 se está incumpliendo la "
            "promesa; con una meta del 80 % es 5 como máximo. Las alertas lo miran."
        ),
    ),
    ("Calls today", "Llamadas hoy"),
    (
        "Received, answered and abandoned since wolkvox's daily reset.",
        "Recibidas, contestadas y abandonadas desde el reinicio diario de wolkvox.",
    ),
    ("answered", "contestadas"),
    ("abandoned", "abandonadas"),
    ("Service level by threshold, today", "Nivel de servicio por umbral, hoy"),
    (
        "The day so far for each threshold that wolkvox knows; the promise is about one of them.",
        "Lo que va del día para cada umbral que wolkvox conoce; la promesa es sobre uno de ellos.",
    ),
    ("State over time", "Estado en el tiempo"),
    (
        "OK, at risk, missed, closed, no volume, no figure or broken. A gap: Prometheus has nothing.",
        (
            "En meta, en riesgo, incumplido, cerrado, sin actividad, sin cifra o falla. Un hueco: Prometheus no "
            "tiene nada."
        ),
    ),
    ("Corrections", "Correcciones"),
    (
        "Falls of a day total that were late corrections by wolkvox, not the daily reset, in the time range shown.",
        (
            "Bajadas de un total del día que fueron correcciones tardías de wolkvox y no el reinicio diario, en el "
            "periodo mostrado."
        ),
    ),
    # Dialled numbers.
    ("wolkvox: dialled numbers", "wolkvox: números marcados"),
    (
        (
            "Calls, service level, abandonment and waits by dialled number (DNIS), for the day or a rolling window. "
            "wolkvox rebuilds these figures about every 10 minutes."
        ),
        (
            "Llamadas, nivel de servicio, abandono y esperas por número marcado (DNIS), del día o de una ventana "
            "móvil. wolkvox recalcula estas cifras cada 10 minutos más o menos."
        ),
    ),
    ("Window", "Ventana"),
    ("Threshold (s)", "Umbral (s)"),
    ("Calls received", "Llamadas recibidas"),
    ("Calls received in the window.", "Llamadas recibidas en la ventana."),
    (
        (
            "Calls answered within the threshold ÷ calls received, over all numbers: each number's share weighted by "
            "its calls. Colours are for the customary 80 %."
        ),
        (
            "Llamadas contestadas dentro del umbral ÷ recibidas, de todos los números: la proporción de cada número, "
            "ponderada por sus llamadas. Los colores son para el 80 % acostumbrado."
        ),
    ),
    (
        "Calls abandoned ÷ calls received, over all numbers. Orange from 5 %, red from 10 %.",
        "Llamadas abandonadas ÷ recibidas, de todos los números. Naranja desde el 5 %, rojo desde el 10 %.",
    ),
    ("Wait of the answered", "Espera de las contestadas"),
    (
        "Mean wait of the calls answered (ASA), weighted by answered calls.",
        "Espera media de las llamadas contestadas (ASA), ponderada por las contestadas.",
    ),
    ("Wait of the abandoned", "Espera de las abandonadas"),
    (
        "Mean wait of the calls abandoned (ATA), weighted by abandoned calls.",
        "Espera media de las llamadas abandonadas (ATA), ponderada por las abandonadas.",
    ),
    ("Numbers", "Números"),
    (
        "Numbers with calls in the window, and those merged into other because there are more than max_dnis.",
        "Números con llamadas en la ventana, y los que van juntos en other porque hay más que max_dnis.",
    ),
    ("shown", "a la vista"),
    ("merged", "agrupados"),
    ("Numbers, worst first", "Números, los peores primero"),
    (
        (
            "By calls not answered within the threshold, so that a bad share of few calls does not stand on top. ASA "
            "and ATA: mean wait of the calls answered and abandoned. The skill all means that skills are merged."
        ),
        (
            "Por llamadas no contestadas dentro del umbral, para que una mala proporción de pocas llamadas no quede "
            "arriba. ASA y ATA: espera media de las contestadas y de las abandonadas. El skill all significa que los "
            "skills van juntos."
        ),
    ),
    ("Not in time", "Fuera de tiempo"),
    ("Answered", "Contestadas"),
    ("Hung up", "Colgaron"),
    ("Calls by number", "Llamadas por número"),
    ("The 15 numbers with the most calls in the window.", "Los 15 números con más llamadas en la ventana."),
    (
        "In the window, of the 10 numbers that were busiest in the time range.",
        "En la ventana, de los 10 números con más llamadas en el periodo.",
    ),
    ("Of the 10 numbers that were busiest in the time range.", "De los 10 números con más llamadas en el periodo."),
    (
        "Calls abandoned ÷ calls received, of the 10 numbers that were busiest in the time range.",
        "Llamadas abandonadas ÷ recibidas, de los 10 números con más llamadas en el periodo.",
    ),
    (
        "Mean wait of the calls answered (ASA), of the 10 numbers that were busiest in the time range.",
        "Espera media de las llamadas contestadas (ASA), de los 10 números con más llamadas en el periodo.",
    ),
    # Agents.
    ("wolkvox: agents", "wolkvox: agentes"),
    (
        "What each agent did today. Names only where agent_names is on in the exporter's configuration, else ids.",
        (
            "Lo que hizo hoy cada agente. Nombres solo donde agent_names está activo en la configuración del "
            "exportador; si no, identificadores."
        ),
    ),
    ("Agent", "Agente"),
    ("Agents today", "Agentes hoy"),
    ("Agents who were logged in today.", "Agentes que se conectaron hoy."),
    ("Calls", "Llamadas"),
    ("Calls of every direction of the day.", "Llamadas del día en toda dirección."),
    ("Handling time", "Tiempo de gestión"),
    ("Mean time spent on a call (AHT), weighted by calls.", "Tiempo medio por llamada (TMO), ponderado por llamadas."),
    ("After-call work", "Trabajo posterior"),
    (
        "Time spent on work after calls (ACW) ÷ time logged in.",
        "Tiempo de trabajo después de las llamadas (ACW) ÷ tiempo conectado.",
    ),
    ("Occupancy", "Ocupación"),
    (
        "Share of the day spent on calls, weighted by the time logged in. Above 85 to 90 % for long, queues collapse.",
        (
            "Parte del día dedicada a llamadas, ponderada por el tiempo conectado. Si pasa mucho tiempo por encima "
            "del 85 al 90 %, la cola colapsa."
        ),
    ),
    ("Transfers", "Transferencias"),
    ("Interactions that agents handed on today.", "Interacciones que los agentes transfirieron hoy."),
    ("Agents", "Agentes"),
    (
        "The running day. A dash means that wolkvox gave no figure.",
        "El día en curso. Un guion significa que wolkvox no dio la cifra.",
    ),
    ("Logged in", "Conectado"),
    ("Hits", "Aciertos"),
    ("Points", "Puntos"),
    ("Highest occupancy", "Mayor ocupación"),
    (
        "The 15 agents with the highest occupancy of those with 5 calls or more.",
        "Los 15 agentes con mayor ocupación entre los que tienen 5 llamadas o más.",
    ),
    ("Longest handling time", "Mayor tiempo de gestión"),
    (
        "The 15 agents with the longest mean time on a call of those with 5 calls or more.",
        "Los 15 agentes con mayor tiempo medio por llamada entre los que tienen 5 llamadas o más.",
    ),
    (
        "Since the start of the day, of the 15 agents with the most in the time range.",
        "Desde el comienzo del día, de los 15 agentes con más llamadas en el periodo.",
    ),
    ("Of the 15 agents with the most calls in the time range.", "De los 15 agentes con más llamadas en el periodo."),
    # IVR and transfers.
    ("wolkvox: IVR and transfers", "wolkvox: IVR y transferencias"),
    (
        "What callers choose in the menus, how long they stay there, and where interactions are handed on to.",
        "Qué eligen en los menús quienes llaman, cuánto tiempo pasan allí y a dónde se transfieren las interacciones.",
    ),
    ("Routing point", "Punto de enrutamiento"),
    ("Channel", "Canal"),
    ("Choices in menus", "Elecciones en menús"),
    (
        "Calls that passed an option in the window; a caller who passes two menus counts twice.",
        "Llamadas que pasaron por una opción en la ventana; quien pasa por dos menús cuenta dos veces.",
    ),
    ("No choice at all", "Sin elección"),
    (
        (
            "Share of choices that were none: the caller pressed nothing (PULSE), as far as options are not merged "
            "into other. Menus that many leave so are not understood."
        ),
        (
            "Parte de las elecciones que no lo fueron: no se marcó nada (PULSE), mientras las opciones no vayan "
            "juntas en other. Un menú que muchos dejan así no se entiende."
        ),
    ),
    ("Time in menus", "Tiempo en menús"),
    (
        "Mean time of a call in an option, all options together.",
        "Tiempo medio de una llamada en una opción, todas las opciones juntas.",
    ),
    ("Transfers today", "Transferencias hoy"),
    ("Interactions handed on since the start of the day.", "Interacciones transferidas desde el comienzo del día."),
    ("To a skill", "A un skill"),
    (
        "Share of the day's transfers that went to a skill, back into a queue, and not to an agent.",
        "Parte de las transferencias del día que fue a un skill, de nuevo a una cola, y no a un agente.",
    ),
    ("Options by calls", "Opciones por llamadas"),
    (
        "The 15 most chosen options of the window. PULSE: nothing was pressed; other: options beyond the cap.",
        "Las 15 opciones más elegidas de la ventana. PULSE: no se marcó nada; other: opciones más allá del límite.",
    ),
    ("Options", "Opciones"),
    ("Calls and time of each option in the window.", "Llamadas y tiempo de cada opción en la ventana."),
    ("Option", "Opción"),
    ("Time of a call", "Tiempo por llamada"),
    ("Time", "Tiempo"),
    ("Choices over time", "Elecciones en el tiempo"),
    (
        (
            "Calls by option in the window, the 10 that were most chosen in the time range. With the window today "
            "they fall at midnight."
        ),
        "Llamadas por opción en la ventana, las 10 más elegidas en el periodo. Con la ventana today caen a medianoche.",
    ),
    ("Time of a call in an option", "Tiempo por llamada en una opción"),
    (
        "Mean, of the 10 options that were most chosen in the time range.",
        "Media, de las 10 opciones más elegidas en el periodo.",
    ),
    ("Transfers in an hour", "Transferencias en una hora"),
    (
        (
            "Interactions handed on in the hour that ends then, by channel and by who got them. Late reports come up "
            "to two hours later."
        ),
        (
            "Interacciones transferidas en la hora que termina en ese punto, por canal y por quién las recibió. Los "
            "reportes tardíos llegan hasta dos horas después."
        ),
    ),
    ("Agents who hand on most", "Agentes que más transfieren"),
    (
        "The 15 agents with the most transfers today, by name where names are on.",
        "Los 15 agentes con más transferencias hoy, por nombre donde los nombres están activos.",
    ),
    # Exporter.
    ("wolkvox: exporter", "wolkvox: exportador"),
    (
        (
            "Whether the figures can be trusted: freshness, quota, failures by reason, values that could not be "
            "read, the process."
        ),
        "Si las cifras son de fiar: antigüedad, cuota, fallas por motivo, valores ilegibles y el proceso.",
    ),
    ("Polling", "Consulta"),
    (
        "Whether the last poll of every enabled collector succeeded. Nothing here: no exporter is scraped.",
        "Si la última consulta de cada colector activo salió bien. Nada aquí: no se lee ningún exportador.",
    ),
    ("▼ Failing", "▼ Fallando"),
    ("▲ Up", "▲ Funciona"),
    ("Quota used", "Cuota usada"),
    (
        (
            "Calls of the local day ÷ calls that the licences allow. At 100 % polling stops until midnight. No data: "
            "no licences are configured."
        ),
        (
            "Consultas del día local ÷ las que permiten las licencias. Al 100 % la consulta se detiene hasta la "
            "medianoche. Sin datos: no hay licencias configuradas."
        ),
    ),
    ("Configuration", "Configuración"),
    (
        "Whether the configuration was read without errors the last time.",
        "Si la configuración se leyó sin errores la última vez.",
    ),
    ("Scrape", "Lectura"),
    (
        "Whether Prometheus reaches the exporter. It may, while wolkvox does not answer: then polling fails.",
        "Si Prometheus alcanza el exportador. Puede alcanzarlo aunque wolkvox no responda: entonces falla la consulta.",
    ),
    ("▼ Not reached", "▼ No alcanzado"),
    ("▲ Reached", "▲ Alcanzado"),
    ("▼ Refused", "▼ Rechazada"),
    ("▲ Read", "▲ Leída"),
    ("Unreadable values", "Valores ilegibles"),
    (
        "Values that could not be read, in the time range shown. They have no sample.",
        "Valores que no se pudieron leer en el periodo mostrado. No tienen muestra.",
    ),
    ("Failed calls", "Consultas fallidas"),
    (
        "Calls to wolkvox that failed or whose answer is doubted, in the time range shown.",
        "Consultas a wolkvox que fallaron o cuya respuesta es dudosa, en el periodo mostrado.",
    ),
    ("Collectors", "Colectores"),
    (
        (
            "Each collector of each operation, the oldest data first. Reason: why the last poll failed, empty after "
            "a success."
        ),
        (
            "Cada colector de cada operación, los datos más antiguos primero. Motivo: por qué falló la última "
            "consulta; vacío si salió bien."
        ),
    ),
    ("Collector", "Colector"),
    ("Reason", "Motivo"),
    ("Condition", "Condición"),
    ("▲ Fresh", "▲ Al día"),
    ("▼ Last poll failed", "▼ Última consulta fallida"),
    ("▼ Broken: too old", "▼ Falla: muy antiguos"),
    ("Age", "Antigüedad"),
    ("Polled every", "Se consulta cada"),
    ("Last poll took", "La última tardó"),
    ("Rows", "Filas"),
    ("Freshness", "Frescura"),
    (
        (
            "Fresh, last poll failed (the values before it still stand), or broken: too old to be shown. A gap: no "
            "exporter was scraped."
        ),
        (
            "Al día, última consulta fallida (los valores anteriores siguen en pie) o falla: demasiado antiguos. Un "
            "hueco: no se leyó ningún exportador."
        ),
    ),
    (
        "Time since the last good poll. It should be a saw with teeth as high as the interval.",
        "Tiempo desde la última consulta buena. Debe ser una sierra con dientes tan altos como el intervalo.",
    ),
    ("Quota", "Cuota"),
    (
        "Calls of the local day, and dashed what the licences allow.",
        "Consultas del día local y, en línea discontinua, lo que permiten las licencias.",
    ),
    ("limit of {{operation}}", "límite de {{operation}}"),
    ("Failures by reason", "Fallas por motivo"),
    ("No call failed", "Ninguna consulta falló"),
    (
        "Calls that failed or whose answer is doubted, a second. What to do about each reason stands in the README.",
        "Consultas que fallaron o cuya respuesta es dudosa, por segundo. Qué hacer con cada motivo está en el README.",
    ),
    ("Calls to wolkvox", "Consultas a wolkvox"),
    ("A second, by report; failed ones included.", "Por segundo y por reporte; incluye las fallidas."),
    ("How long calls take", "Cuánto tardan las consultas"),
    ("Calls to wolkvox by duration.", "Consultas a wolkvox por duración."),
    ("Slow calls", "Consultas lentas"),
    (
        "The duration that 95 of 100 calls stay below, by report.",
        "La duración que 95 de cada 100 consultas no superan, por reporte.",
    ),
    ("Values that could not be read", "Valores que no se pudieron leer"),
    (
        "By report and field, in the time range shown. The log shows their form.",
        "Por reporte y campo, en el periodo mostrado. El registro muestra su forma.",
    ),
    ("Every value could be read", "Todos los valores se leyeron"),
    ("Report", "Reporte"),
    ("Field", "Campo"),
    ("Values", "Valores"),
    ("Odd answers", "Respuestas raras"),
    (
        "In the time range shown: answers that were repaired, answers without rows, rows that came twice.",
        "En el periodo mostrado: respuestas reparadas, respuestas sin filas y filas repetidas.",
    ),
    ("No odd answer", "Ninguna respuesta rara"),
    ("Without rows", "Sin filas"),
    ("Repaired", "Reparadas"),
    ("Rows twice", "Filas repetidas"),
    ("What service levels are a share of", "De qué son parte los niveles de servicio"),
    (
        "Inferred from the figures, with the evidence: assumed, inferred or contradictory.",
        "Deducido de las cifras, con la evidencia: supuesto, deducido o contradictorio.",
    ),
    ("Share of", "Parte de"),
    ("Evidence", "Evidencia"),
    ("What runs", "Qué se ejecuta"),
    ("Version and revision of each exporter.", "Versión y revisión de cada exportador."),
    ("Version", "Versión"),
    ("Revision", "Revisión"),
    ("Runs for", "Funciona desde hace"),
    ("Memory", "Memoria"),
    ("Memory of the process that is in RAM.", "Memoria del proceso que está en RAM."),
    ("Processor", "Procesador"),
    ("Processors in use, 1 is a whole one.", "Procesadores en uso; 1 es uno entero."),
    ("Open files", "Archivos abiertos"),
    (
        "File descriptors, and dashed how many there may be.",
        "Descriptores de archivo y, en línea discontinua, cuántos puede haber.",
    ),
    ("limit of {{instance}}", "límite de {{instance}}"),
]

SPANISH_OF = dict(TEXTS)
