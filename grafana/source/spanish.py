"""The Spanish texts of the dashboards: pairs of English and Spanish."""

TEXTS = [
    # The wallboard, and texts that several dashboards share.
    ("wolkvox: wallboard", "wolkvox: tablero de sala"),
    (
        "The contact centre on one screen: callers waiting, figures against their targets, and alerts.",
        "El contact center en una pantalla: llamadas en espera, cifras frente a su meta y alertas.",
    ),
    ("Data source", "Fuente de datos"),
    ("Instance", "Instancia"),
    ("Operation", "Operación"),
    ("Dashboards", "Tableros"),
    ("Waiting now", "En espera ahora"),
    ("No data", "Sin datos"),
    ("waiting", "en espera"),
    ("State", "Estado"),
    ("▲ OK", "▲ En meta"),
    ("▼ At risk", "▼ En riesgo"),
    ("▼ Missed", "▼ Incumplido"),
    ("Closed", "Cerrado"),
    ("No volume", "Sin llamadas"),
    ("No figure", "Sin cifra"),
    ("Broken", "Falla"),
    ("Service level, 30 min", "Nivel de servicio, 30 min"),
    (
        (
            "Calls answered within the threshold ÷ calls received in the last 30 minutes. The target is the mean of "
            "the skills' targets, weighted by their calls. At risk: below the target. Missed: below 90 % of the "
            "target."
        ),
        (
            "Llamadas contestadas dentro del umbral ÷ recibidas en los últimos 30 minutos. La meta es el promedio de "
            "las metas de los skills, ponderado por sus llamadas. En riesgo: por debajo de la meta. Incumplido: por "
            "debajo del 90 % de la meta."
        ),
    ),
    (
        (
            "Calls answered within the threshold ÷ calls received in the last 30 minutes. The target is the mean of "
            "the skills' targets, weighted by their calls. At risk: below the target. Missed: below 90 % of the "
            "target. Day: the service level at the end of the day, if the calls to come are answered as those of the "
            "last hour."
        ),
        (
            "Llamadas contestadas dentro del umbral ÷ recibidas en los últimos 30 minutos. La meta es el promedio de "
            "las metas de los skills, ponderado por sus llamadas. En riesgo: por debajo de la meta. Incumplido: por "
            "debajo del 90 % de la meta. Día: el nivel de servicio al final del día, si las llamadas que faltan se "
            "contestan como las de la última hora."
        ),
    ),
    ("target", "meta"),
    ("Abandoned, 30 min", "Abandono, 30 min"),
    (
        "Calls abandoned ÷ calls received in the last 30 minutes, and the limit. Red: above twice the limit.",
        "Llamadas abandonadas ÷ recibidas en los últimos 30 minutos, y el límite. Rojo: más del doble del límite.",
    ),
    ("limit", "límite"),
    ("Calls received, 30 min", "Llamadas recibidas, 30 min"),
    ("received", "recibidas"),
    ("a week ago", "hace una semana"),
    ("Estimated wait", "Espera estimada"),
    ("wait", "espera"),
    ("Age of the data", "Antigüedad de los datos"),
    ("Skills, worst first", "Skills, primero los más críticos"),
    ("Id", "Id"),
    ("Show this skill", "Ver este skill"),
    ("Target", "Meta"),
    ("Day →", "Día →"),
    ("Recover", "Recuperar"),
    ("Queue", "Cola"),
    ("Aband.", "Aband."),
    ("Abandoned", "Abandono"),
    ("Received", "Recibidas"),
    ("Alerts firing now", "Alertas activas ahora"),
    ("No firing alerts", "Sin alertas activas"),
    ("Severity", "Severidad"),
    ("▲ critical", "▲ crítica"),
    ("■ warning", "■ aviso"),
    ("● info", "● informativa"),
    ("Alert", "Alerta"),
    ("Active for", "Desde hace"),
    ("Service level by skill", "Nivel de servicio por skill"),
    (
        (
            "Calls waiting in queue now in all selected skills, and the number 15 minutes ago. Usual: up to "
            "twice the queue at which each caller waits for as long as promised, and at least 4. Orange: "
            "above it. Red: above twice that. ⚠ 1/3: one operation of three has current figures."
        ),
        (
            "Llamadas en espera ahora en todos los skills seleccionados, y cuántas había hace 15 minutos. "
            "Normal: hasta el doble de la cola con la que cada llamada espera lo prometido, y al menos 4. "
            "Naranja: por encima. Rojo: más del doble. ⚠ 1/3: una de tres operaciones tiene cifras actuales."
        ),
    ),
    ("{{change}}usual {{limit}}{{gap}}", "{{change}}normal {{limit}}{{gap}}"),
    ("{{change}}waiting{{gap}}", "{{change}}en espera{{gap}}"),
    ("▲ OK · target {{target}} %{{gap}}", "▲ bien · meta {{target}} %{{gap}}"),
    ("▲ target {{target}} % · day → {{day}} %{{gap}}", "▲ meta {{target}} % · día → {{day}} %{{gap}}"),
    ("▼ at risk · target {{target}} %{{gap}}", "▼ en riesgo · meta {{target}} %{{gap}}"),
    (
        "▼ target {{target}} % · day → {{day}} %{{gap}}",
        "▼ meta {{target}} % · día → {{day}} %{{gap}}",
    ),
    ("▼ missed · target {{target}} %{{gap}}", "▼ bajo · meta {{target}} %{{gap}}"),
    ("▼▼ target {{target}} % · day → {{day}} %{{gap}}", "▼▼ meta {{target}} % · día → {{day}} %{{gap}}"),
    ("no target{{gap}}", "sin meta{{gap}}"),
    ("▼ within · limit {{target}} %{{gap}}", "▼ dentro · límite {{target}} %{{gap}}"),
    ("▲ above · limit {{target}} %{{gap}}", "▲ alto · límite {{target}} %{{gap}}"),
    ("▲ far above · limit {{target}} %{{gap}}", "▲ muy alto · límite {{target}} %{{gap}}"),
    (
        (
            "Calls received in the last 30 minutes, and in the same half-hour a week ago. A difference of up "
            "to a quarter is normal, and a larger one if there are few calls. To come: the calls of last week from "
            "this time of the day on, times the calls of today ÷ those of that day so far."
        ),
        (
            "Llamadas recibidas en los últimos 30 minutos y en la misma media hora hace una semana. Una "
            "diferencia de hasta la cuarta parte es normal, y una mayor si hay pocas llamadas. Faltan: las llamadas de "
            "la semana pasada desde esta hora del día, por las llamadas de hoy ÷ las de ese día hasta esta hora."
        ),
    ),
    ("▲ more · last week {{before}}{{gap}}", "▲ más · hace 7 días {{before}}{{gap}}"),
    (
        "▲ last week {{before}} · {{rest}} to come{{gap}}",
        "▲ hace 7 días {{before}} · faltan {{rest}}{{gap}}",
    ),
    ("= usual · last week {{before}}{{gap}}", "= normal · hace 7 días {{before}}{{gap}}"),
    (
        "= last week {{before}} · {{rest}} to come{{gap}}",
        "= hace 7 días {{before}} · faltan {{rest}}{{gap}}",
    ),
    ("▼ fewer · last week {{before}}{{gap}}", "▼ menos · hace 7 días {{before}}{{gap}}"),
    (
        "▼ last week {{before}} · {{rest}} to come{{gap}}",
        "▼ hace 7 días {{before}} · faltan {{rest}}{{gap}}",
    ),
    ("received{{gap}}", "recibidas{{gap}}"),
    (
        (
            "Estimated wait in queue by Little's law: mean queue ÷ arrival rate over the last 15 minutes, and"
            " the same figure 15 minutes ago. Target: the threshold of the service level, weighted by "
            "calls. Orange: longer. Red: more than twice as long."
        ),
        (
            "Espera estimada en cola según la ley de Little: cola promedio ÷ tasa de llegada en los últimos "
            "15 minutos, y la misma cifra hace 15 minutos. Meta: el umbral del nivel de servicio, "
            "ponderado por llamadas. Naranja: más larga. Rojo: más del doble."
        ),
    ),
    ("{{change}}target {{limit}} s{{gap}}", "{{change}}meta {{limit}} s{{gap}}"),
    ("{{change}}no target{{gap}}", "{{change}}sin meta{{gap}}"),
    (
        (
            "Time since the last successful poll of the skills: the oldest of all selected operations. "
            "Broken: the figures of that operation are too old, or it never had any. Each broken operation "
            "has a row in the table of skills."
        ),
        (
            "Tiempo desde la última consulta exitosa de los skills: la más antigua de las operaciones "
            "seleccionadas. En falla: las cifras de esa operación son muy antiguas o nunca las hubo. Cada "
            "operación en falla tiene una fila en la tabla de skills."
        ),
    ),
    ("▼ fresh · every {{interval}} s", "▼ al día · cada {{interval}} s"),
    ("never", "nunca"),
    ("▲ broken: {{operation}}", "▲ en falla: {{operation}}"),
    ("▲ {{broken}} of {{all}} broken", "▲ {{broken}} de {{all}} en falla"),
    (
        (
            "Broken operations are at the top. Then come the skills that are short of most calls: so many "
            "more calls had to be answered within the threshold in the last 30 minutes to reach the target. "
            "SL, Aband. and Calls: service level, share of abandoned calls, and calls received in these 30 minutes. "
            "Few calls: below the target, but this can be chance. Day: the service level at the end of the day, if the "
            "calls to come are answered as those of the last hour. Recover: so many calls in a row must be answered "
            "within the threshold until the day is on target. Skills that are closed or without calls are at the end. "
            "The last row counts the skills for which there is no room."
        ),
        (
            "Las operaciones en falla van arriba. Siguen los skills a los que les faltan más llamadas: "
            "cuántas más había que contestar dentro del umbral en los últimos 30 minutos para llegar a la "
            "meta. NS, Aband. y Llamadas: nivel de servicio, abandono y llamadas recibidas en esos 30 minutos. "
            "Pocas llamadas: por debajo de la meta, pero puede ser casualidad. Día: el nivel de servicio al "
            "final del día, si las llamadas que faltan se contestan como las de la última hora. Recuperar: cuántas "
            "llamadas seguidas hay que contestar dentro del umbral para que el día quede en meta. Los skills cerrados "
            "o sin llamadas van al final. La última fila cuenta los skills que no caben."
        ),
    ),
    ("Short of", "Faltan"),
    ("Few calls", "Pocas llam."),
    ("and $1 more", "y $1 más"),
    ("⚠ no connection to wolkvox", "⚠ sin conexión con wolkvox"),
    ("⚠ wolkvox does not answer in time", "⚠ wolkvox no responde a tiempo"),
    ("⚠ certificate refused", "⚠ certificado rechazado"),
    ("⚠ unexpected HTTP status", "⚠ estado HTTP inesperado"),
    ("⚠ token refused", "⚠ token rechazado"),
    ("⚠ quota used up", "⚠ cuota agotada"),
    ("⚠ token used by another program", "⚠ otro programa usa el token"),
    ("⚠ wolkvox under maintenance", "⚠ wolkvox en mantenimiento"),
    ("⚠ response too large", "⚠ respuesta muy grande"),
    ("⚠ response unreadable", "⚠ respuesta ilegible"),
    ("⚠ response incomplete", "⚠ respuesta incompleta"),
    ("⚠ error of the exporter", "⚠ error del exportador"),
    (
        (
            "Firing alerts of alerts/wolkvox-alerts.rules.yml: critical ones first, then the latest ones. "
            "Since: when their condition began to hold. A click on an alert opens its runbook. Silences of "
            "Alertmanager do not hide alerts here."
        ),
        (
            "Alertas activas de alerts/wolkvox-alerts.rules.yml: primero las críticas y luego las más "
            "recientes. Desde: cuándo empezó a cumplirse su condición. Un clic en una alerta abre su runbook."
            " Los silencios de Alertmanager no ocultan alertas aquí."
        ),
    ),
    ("About", "Sobre"),
    ("Since", "Desde"),
    ("Show the skills", "Ver los skills"),
    ("Show the dialled numbers", "Ver los números marcados"),
    ("Show the dialled number", "Ver el número marcado"),
    ("Show the exporter", "Ver el exportador"),
    ("Show the exporter of this operation", "Ver el exportador de esta operación"),
    ("Critical alerts", "Alertas críticas"),
    ("Other alerts", "Otras alertas"),
    ("Team", "Equipo"),
    (
        "The team of a skill, from the targets in the configuration. It selects the skills of the team.",
        "El equipo de un skill, según las metas de la configuración. Selecciona los skills del equipo.",
    ),
    ("More about $skill_id", "Más sobre $skill_id"),
    ("No skills", "Sin skills"),
    ("No rules", "Sin reglas"),
    ("No exporter", "Sin exportador"),
    ("End breaks, move agents here", "Termine pausas, traiga agentes"),
    ("Spread breaks, borrow an agent", "Reparta pausas, pida un agente"),
    ("Add a second agent", "Agregue un segundo agente"),
    ("Call the number and listen", "Llame al número y escuche"),
    ("Is an agent logged in and ready?", "¿Hay un agente listo?"),
    ("Call the number from outside", "Llame al número desde afuera"),
    ("Ask the supervisor of the shift", "Pregunte al supervisor de turno"),
    ("Look at the skill of the number", "Mire el skill del número"),
    ("Check process and network", "Revise el proceso y la red"),
    ("Read the reason in the table", "Lea el motivo en la tabla"),
    ("Check the id of the skill", "Revise el id del skill"),
    ("Check the token in wolkvox", "Revise el token en wolkvox"),
    ("Run check-config, poll less", "Ejecute check-config"),
    ("Stop other programs, poll less", "Detenga otros programas"),
    ("Look for the field in the log", "Busque el campo en el log"),
    ("Read the log, ask for fewer rows", "Lea el log, pida menos filas"),
    ("Run check-config", "Ejecute check-config"),
    ("Free space on the disk", "Libere espacio en el disco"),
    ("Add honor_labels: true", "Agregue honor_labels: true"),
    ("Compare with a report of wolkvox", "Compare con un reporte"),
    ("Use 10, 20 or 30 seconds", "Use 10, 20 o 30 segundos"),
    ("Show this skill at that time", "Ver este skill a esa hora"),
    ("Show this operation at that time", "Ver esta operación a esa hora"),
    ("Show the figures of this report", "Ver las cifras de este reporte"),
    ("Show only this exporter", "Ver solo este exportador"),
    ("Show only this number", "Ver solo este número"),
    ("Show only this agent", "Ver solo este agente"),
    ("Show this agent", "Ver este agente"),
    ("Show only this routing point", "Ver solo este punto de enrutamiento"),
    ("Dashboard", "Tablero"),
    ("Waiting callers", "Llamadas en espera"),
    ("others", "otros"),
    (
        (
            "Calls waiting in queue in all selected skills: the 5 skills with the longest queue in the time "
            "range, and all others together. Areas without lines: closed, no volume, no figure or broken."
        ),
        (
            "Llamadas en espera en todos los skills seleccionados: los 5 skills con la cola más larga del "
            "periodo, y los demás juntos. Áreas sin líneas: cerrado, sin llamadas, sin cifra o falla."
        ),
    ),
    (
        (
            "The 8 skills that need help most at the end of the time range. OK: on target in the last 30 "
            "minutes. At risk: below the target. Missed: below 90 % of the target. Closed: outside its "
            "opening hours. No volume: no calls. No figure: there were calls, but there is no service level "
            "or no target. Broken: the data are too old. A gap: Prometheus has no data."
        ),
        (
            "Los 8 skills que más ayuda necesitan al final del periodo. En meta: cumple la meta en los "
            "últimos 30 minutos. En riesgo: por debajo de la meta. Incumplido: por debajo del 90 % de la "
            "meta. Cerrado: fuera de su horario. Sin llamadas: no hubo llamadas. Sin cifra: hubo llamadas, "
            "pero no hay nivel de servicio o no hay meta. Falla: los datos son muy antiguos. Un hueco: "
            "Prometheus no tiene datos."
        ),
    ),
    # Skill.
    ("wolkvox: skill", "wolkvox: skill"),
    (
        (
            "One row of panels per skill: recent windows against their targets, queue, wait, abandonment and the day "
            "so far."
        ),
        (
            "Una fila de paneles por skill: ventanas recientes frente a su meta, cola, espera, abandono y lo que va "
            "del día."
        ),
    ),
    (
        "Service level of the last 30 minutes against its target, or the reason why there is no service level.",
        "Nivel de servicio de los últimos 30 minutos frente a su meta, o la razón por la que no hay nivel de servicio.",
    ),
    ("Calls waiting in queue now.", "Llamadas en espera ahora."),
    (
        "Mean queue ÷ arrival rate over the last 15 minutes (Little's law).",
        "Cola promedio ÷ tasa de llegada en los últimos 15 minutos (ley de Little).",
    ),
    ("Service level today", "Nivel de servicio hoy"),
    (
        (
            "Service level of the day so far, as wolkvox shows it. Late in the day it hardly changes, so look at the "
            "recent windows."
        ),
        (
            "Nivel de servicio de lo que va del día, como lo muestra wolkvox. Al final del día casi no cambia: mire "
            "las ventanas recientes."
        ),
    ),
    ("Forecast until the end of the day", "Pronóstico hasta el final del día"),
    (
        (
            "Calls to come: the calls of last week from this time of the day on, times the calls of today ÷ those of "
            "that day so far. SL at the end: the service level of the day, if these calls are answered as those of the "
            "last hour. To recover: so many calls in a row must be answered within the threshold until the day is on "
            "target."
        ),
        (
            "Por llegar: las llamadas de la semana pasada desde esta hora del día, por las llamadas de hoy ÷ las de "
            "ese día hasta esta hora. NS al final: el nivel de servicio del día, si esas llamadas se contestan como "
            "las de la última hora. Para recuperar: cuántas seguidas hay que contestar dentro del umbral para que el "
            "día quede en meta."
        ),
    ),
    ("calls to come", "por llegar"),
    ("SL at the end", "NS al final"),
    ("to recover", "para recuperar"),
    ("Service level", "Nivel de servicio"),
    (
        (
            "Calls answered within the threshold ÷ calls received, over 15 minutes, 30 minutes and 2 hours. "
            "Dashed: the target."
        ),
        (
            "Llamadas contestadas dentro del umbral ÷ recibidas, en 15 minutos, 30 minutos y 2 horas. Línea "
            "punteada: la meta."
        ),
    ),
    ("Abandonment", "Abandono"),
    (
        "Calls abandoned ÷ calls received, over 15 minutes, 30 minutes and 1 hour. Dashed: the limit.",
        "Llamadas abandonadas ÷ recibidas, en 15 minutos, 30 minutos y 1 hora. Línea punteada: el límite.",
    ),
    (
        "Calls received, answered and abandoned in half an hour. Dashed: received a week ago.",
        "Llamadas recibidas, contestadas y abandonadas en media hora. Línea punteada: recibidas hace una semana.",
    ),
    ("Maximum of calls waiting in queue at a time.", "Máximo de llamadas en espera a la vez."),
    (
        "Mean queue ÷ arrival rate over 15 minutes (Little's law).",
        "Cola promedio ÷ tasa de llegada en 15 minutos (ley de Little).",
    ),
    ("Burn rate", "Ritmo de consumo del margen"),
    ("Calls, 30 min", "Llamadas, 30 min"),
    (
        (
            "Calls not answered within the threshold ÷ the number that the target allows. Above 1 the target is not "
            "reached. With a target of 80 % the maximum is 5. The service level alerts use this figure."
        ),
        (
            "Llamadas no contestadas dentro del umbral ÷ las que permite la meta. Por encima de 1 no se cumple la "
            "meta. Con una meta del 80 % el máximo es 5. Las alertas de nivel de servicio usan esta cifra."
        ),
    ),
    ("Calls today", "Llamadas hoy"),
    (
        "Calls received, answered and abandoned since wolkvox's daily reset.",
        "Llamadas recibidas, contestadas y abandonadas desde el reinicio diario de wolkvox.",
    ),
    ("answered", "contestadas"),
    ("abandoned", "abandonadas"),
    ("Service level by threshold, today", "Nivel de servicio por umbral, hoy"),
    (
        "Service level of the day so far for each threshold that wolkvox reports. The target applies to one of them.",
        "Nivel de servicio de lo que va del día para cada umbral que reporta wolkvox. La meta aplica a uno de ellos.",
    ),
    ("State over time", "Estado en el tiempo"),
    (
        (
            "Alerts that fire for this skill or for its whole operation, and how long their condition has held. A "
            "click on the name opens the runbook, which says what to do. Silences of Alertmanager do not hide "
            "alerts here."
        ),
        (
            "Alertas activas de este skill o de toda su operación, y desde hace cuánto se cumple su condición. Un "
            "clic en el nombre abre el runbook, que dice qué hacer. Los silencios de Alertmanager no ocultan "
            "alertas aquí."
        ),
    ),
    (
        "OK, at risk, missed, closed, no volume, no figure or broken. A gap: Prometheus has no data.",
        (
            "En meta, en riesgo, incumplido, cerrado, sin llamadas, sin cifra o falla. Un hueco: Prometheus no "
            "tiene datos."
        ),
    ),
    ("Corrections", "Correcciones"),
    ("Open the runbook", "Abrir el runbook"),
    ("What to do", "Qué hacer"),
    ("Callers wait far too long", "Espera demasiado larga"),
    ("Service level low for 2 h", "Nivel de servicio bajo, 2 h"),
    ("Service level low, few calls", "NS bajo, pocas llamadas"),
    ("Many callers abandon", "Demasiado abandono"),
    ("Nobody answers the queue", "Nadie atiende la cola"),
    ("No calls arrive", "No entran llamadas"),
    ("Too few agents", "Faltan agentes"),
    ("Service level low", "Nivel de servicio bajo"),
    ("Exporter does not answer", "El exportador no responde"),
    ("Data too old", "Datos desactualizados"),
    ("A request fails", "Falla una consulta"),
    ("Token refused", "Token rechazado"),
    ("Quota nearly used up", "Cuota casi agotada"),
    ("Quota used up", "Cuota agotada"),
    ("Unreadable values", "Valores ilegibles"),
    ("Response incomplete", "Respuesta incompleta"),
    ("New configuration refused", "Configuración rechazada"),
    ("State file not written", "Estado sin guardar"),
    ("Labels replaced", "Etiquetas reemplazadas"),
    ("Service level: base unclear", "NS: base de cálculo dudosa"),
    ("Target not measurable", "Meta no medible"),
    (
        "How often wolkvox corrected a day total downwards in the time range. The daily reset is not counted.",
        "Cuántas veces wolkvox corrigió hacia abajo un total del día en el periodo. El reinicio diario no se cuenta.",
    ),
    # Dialled numbers.
    ("wolkvox: dialled numbers", "wolkvox: números marcados"),
    (
        (
            "Calls, service level, abandonment and average waits by dialled number (DNIS), for the day or a rolling "
            "window. wolkvox updates these figures about every 10 minutes."
        ),
        (
            "Llamadas, nivel de servicio, abandono y esperas promedio por número marcado (DNIS), del día o de una "
            "ventana móvil. wolkvox actualiza estas cifras cada 10 minutos, más o menos."
        ),
    ),
    ("Window", "Ventana"),
    (
        "today: since the start of the day. 30m and others: the last minutes, hours or days.",
        "today: lo que va de hoy. 30m y otros: los últimos minutos, horas o días.",
    ),
    ("Threshold (s)", "Umbral (s)"),
    ("Calls received", "Llamadas recibidas"),
    ("Calls received in the window.", "Llamadas recibidas en la ventana."),
    (
        (
            "Calls answered within the threshold ÷ calls received, for all numbers together: the service level of "
            "each number is weighted by its calls. The colours are for a target of 80 %."
        ),
        (
            "Llamadas contestadas dentro del umbral ÷ recibidas, de todos los números: el nivel de servicio de cada "
            "número se pondera por sus llamadas. Los colores son para una meta del 80 %."
        ),
    ),
    (
        "Calls abandoned ÷ calls received, for all numbers together. Orange from 5 %, red from 10 %.",
        "Llamadas abandonadas ÷ recibidas, de todos los números. Naranja desde el 5 %, rojo desde el 10 %.",
    ),
    ("Wait of answered calls", "Espera de contestadas"),
    (
        "Average wait of answered calls (ASA), weighted by answered calls.",
        "Espera promedio de las llamadas contestadas (ASA), ponderada por las contestadas.",
    ),
    ("Wait of abandoned calls", "Espera de abandonadas"),
    (
        "Average wait of abandoned calls (ATA), weighted by abandoned calls.",
        "Espera promedio de las llamadas abandonadas (ATA), ponderada por las abandonadas.",
    ),
    ("Numbers", "Números"),
    (
        "Numbers with calls in the window, and numbers merged into “other” because there are more than max_dnis.",
        "Números con llamadas en la ventana, y números agrupados en «other» porque hay más que max_dnis.",
    ),
    ("shown", "mostrados"),
    ("merged", "agrupados"),
    ("Numbers, worst first", "Números, primero los más críticos"),
    ("Skill on its dashboard", "Skill en su tablero"),
    ("all", "todos"),
    (
        (
            "Sorted by calls not answered within the threshold, so that a number with few calls is not at the top. "
            "ASA and ATA: average wait of answered and of abandoned calls. The skill “all” means that skills are "
            "merged."
        ),
        (
            "En orden de llamadas no contestadas dentro del umbral, para que un número con pocas llamadas no quede "
            "arriba. ASA y ATA: espera promedio de las contestadas y de las abandonadas. El skill «todos» "
            "significa que los skills están agrupados."
        ),
    ),
    ("Not within threshold", "Fuera del umbral"),
    ("Answered", "Contestadas"),
    ("Abandoned calls", "Abandonadas"),
    ("Calls by number", "Llamadas por número"),
    ("The 11 numbers with the most calls in the window.", "Los 11 números con más llamadas en la ventana."),
    (
        (
            "Calls received today in the half-hour before each point, for the 6 numbers with the most calls in the "
            "time range. wolkvox updates the figures about every 10 minutes."
        ),
        (
            "Llamadas de hoy recibidas en la media hora anterior a cada punto, de los 6 números con más llamadas "
            "en el periodo. wolkvox actualiza las cifras cada 10 minutos, más o menos."
        ),
    ),
    ("The 6 numbers with the most calls in the time range.", "Los 6 números con más llamadas en el periodo."),
    (
        "Calls abandoned ÷ calls received, for the 6 numbers with the most calls in the time range.",
        "Llamadas abandonadas ÷ recibidas, de los 6 números con más llamadas en el periodo.",
    ),
    (
        "Average wait of answered calls (ASA), for the 6 numbers with the most calls in the time range.",
        "Espera promedio de las llamadas contestadas (ASA), de los 6 números con más llamadas en el periodo.",
    ),
    # Agents.
    ("wolkvox: agents", "wolkvox: agentes"),
    (
        (
            "The day of each agent. Names are shown only if agent_names is on in the exporter's configuration; "
            "otherwise the ids are shown."
        ),
        (
            "El día de cada agente. Los nombres se muestran solo si agent_names está activo en la configuración del "
            "exportador; si no, se muestran los identificadores."
        ),
    ),
    ("Agent", "Agente"),
    ("Agents today", "Agentes hoy"),
    ("Agents now", "Agentes ahora"),
    ("Agents who logged in today.", "Agentes que se conectaron hoy."),
    ("Calls", "Llamadas"),
    ("Calls of the day in every direction.", "Llamadas del día en todas las direcciones."),
    ("Handling time", "TMO"),
    (
        "Average handling time of a call (AHT), weighted by calls.",
        "Tiempo medio de operación (TMO) por llamada, ponderado por llamadas.",
    ),
    ("After-call work", "ACW"),
    ("Occupancy", "Ocupación"),
    (
        (
            "Share of the day that agents spend on calls and their documentation, weighted by login time. If it "
            "stays above 85 to 90 % for long, queues grow very fast."
        ),
        (
            "Parte del día que los agentes dedican a llamadas y su documentación, ponderada por el tiempo de "
            "conexión. Si se mantiene mucho tiempo por encima del 85 al 90 %, las colas crecen muy rápido."
        ),
    ),
    ("Transfers", "Transferencias"),
    ("Interactions that agents transferred today.", "Interacciones que los agentes transfirieron hoy."),
    ("Agents logged in", "Agentes conectados"),
    (
        "Agents logged in now, from the growth of their login times. Needs polls at least every 5 minutes.",
        (
            "Agentes conectados ahora, según el aumento de sus tiempos de conexión. Requiere consultas al menos "
            "cada 5 minutos."
        ),
    ),
    (
        (
            "Agents logged in now, from the growth of their login times. Dashed: the mean of the half-hour that "
            "began at the same time a week ago."
        ),
        (
            "Agentes conectados ahora, según el aumento de sus tiempos de conexión. Línea punteada: el promedio de "
            "la media hora que empezó a la misma hora hace una semana."
        ),
    ),
    ("logged in", "conectados"),
    ("calls", "llamadas"),
    ("all together", "todos juntos"),
    ("one of ten above", "uno de cada diez supera"),
    ("Agents", "Agentes"),
    (
        (
            "Today so far, the highest occupancy first; a click on the head of a column sorts by it. A dash means "
            "that wolkvox gave no figure. After-call work (ACW) is the value of wolkvox's field acw_time: its "
            "documentation does not say if that is the mean of a call or the total of the day. Compare it with a "
            "report of wolkvox before you use it."
        ),
        (
            "Lo que va del día, primero la mayor ocupación; un clic en el título de una columna la ordena. Un "
            "guion significa que wolkvox no dio la cifra. El ACW es el valor del campo acw_time de wolkvox: su "
            "documentación no dice si es el promedio por llamada o el total del día. Compárelo con un reporte de "
            "wolkvox antes de usarlo."
        ),
    ),
    ("Login time", "Tiempo de conexión"),
    ("Hits", "Hits (efectivos)"),
    ("Points", "Puntos"),
    ("Highest occupancy", "Mayor ocupación"),
    (
        "The 9 agents with the highest occupancy among agents with at least 5 calls.",
        "Los 9 agentes con mayor ocupación entre los que tienen al menos 5 llamadas.",
    ),
    ("Longest handling time", "Mayor TMO"),
    (
        "The 9 agents with the longest average handling time among agents with at least 5 calls.",
        "Los 9 agentes con mayor TMO entre los que tienen al menos 5 llamadas.",
    ),
    (
        "Calls of all selected agents together, in the half-hour before each point.",
        "Llamadas de todos los agentes seleccionados, en la media hora anterior a cada punto.",
    ),
    (
        (
            "Occupancy of the day so far: all selected agents together, weighted by login time, and the value that "
            "one of ten agents exceeds."
        ),
        (
            "Ocupación de lo que va del día: todos los agentes seleccionados, ponderada por el tiempo de conexión, "
            "y el valor que supera uno de cada diez agentes."
        ),
    ),
    # IVR and transfers.
    ("wolkvox: IVR and transfers", "wolkvox: IVR y transferencias"),
    (
        "Options that callers choose in the menus, time in the menus, and where interactions are transferred to.",
        "Opciones que se marcan en los menús, tiempo en los menús y a dónde se transfieren las interacciones.",
    ),
    ("Routing point", "Punto de enrutamiento"),
    ("Channel", "Canal"),
    ("Choices in menus", "Opciones marcadas en menús"),
    (
        "Calls that passed through an option in the window. A caller who passes through two menus counts twice.",
        "Llamadas que pasaron por una opción en la ventana. Quien pasa por dos menús cuenta dos veces.",
    ),
    ("No option chosen", "Sin marcar"),
    (
        (
            "Share of menu visits in which the caller pressed nothing (PULSE). PULSE is not counted where it is "
            "merged into “other”. If the share is high, callers do not understand the menu."
        ),
        (
            "Parte de los pasos por menús en que no se marcó nada (PULSE). PULSE no cuenta donde está agrupado en "
            "«other». Si la parte es alta, el menú no se entiende."
        ),
    ),
    ("Time in menus", "Tiempo en menús"),
    (
        "Average time of a call in an option, for all options together.",
        "Tiempo promedio de una llamada en una opción, de todas las opciones.",
    ),
    ("Transfers today", "Transferencias hoy"),
    ("Interactions transferred since the start of the day.", "Interacciones transferidas desde el comienzo del día."),
    ("Transferred to a skill", "Transferidas a un skill"),
    (
        "Share of the day's transfers that went to a skill, which means back into a queue, and not to an agent.",
        "Parte de las transferencias del día que fue a un skill, es decir, de nuevo a una cola, y no a un agente.",
    ),
    ("Options by calls", "Opciones por llamadas"),
    (
        (
            "The 11 options with the most calls in the window. PULSE: the caller pressed nothing. “other”: options "
            "beyond the configured maximum."
        ),
        (
            "Las 11 opciones con más llamadas en la ventana. PULSE: no se marcó nada. «other»: opciones por encima "
            "del máximo configurado."
        ),
    ),
    ("Options", "Opciones"),
    ("Calls and time of each option in the window.", "Llamadas y tiempo de cada opción en la ventana."),
    ("Option", "Opción"),
    ("Average time", "Tiempo promedio"),
    ("Total time", "Tiempo total"),
    ("Choices, 30 min", "Opciones marcadas, 30 min"),
    (
        "Calls of today in the half-hour before each point, for the 6 options with the most calls in the time range.",
        "Llamadas de hoy en la media hora anterior a cada punto, de las 6 opciones con más llamadas en el periodo.",
    ),
    ("Average time in an option", "Tiempo promedio en una opción"),
    ("The 6 options with the most calls in the time range.", "Las 6 opciones con más llamadas en el periodo."),
    ("Transfers per hour", "Transferencias por hora"),
    ("to an agent", "a un agente"),
    ("to a skill", "a un skill"),
    (
        (
            "Interactions of the selected channels that were transferred in the hour before each point, by "
            "receiver. wolkvox reports some transfers up to two hours late."
        ),
        (
            "Interacciones de los canales seleccionados transferidas en la hora anterior a cada punto, por "
            "receptor. wolkvox reporta algunas transferencias hasta dos horas tarde."
        ),
    ),
    ("Agents with the most transfers", "Agentes con más transferencias"),
    (
        "The 9 agents with the most transfers today. Names are shown only if agent_names is on.",
        "Los 9 agentes con más transferencias hoy. Los nombres se muestran solo si agent_names está activo.",
    ),
    # Exporter.
    ("wolkvox: exporter", "wolkvox: exportador"),
    (
        (
            "Can the figures be trusted? Age of the data, quota, failures by reason, parse errors, and the exporter "
            "process."
        ),
        (
            "¿Las cifras son confiables? Antigüedad de los datos, cuota, fallas por motivo, errores de lectura y el "
            "proceso del exportador."
        ),
    ),
    ("Polling", "Consulta"),
    (
        (
            "Whether the last poll of every enabled collector of every operation succeeded. The table of "
            "collectors says which one failed. No data: Prometheus scrapes no exporter."
        ),
        (
            "Si la última consulta de cada colector activo de cada operación fue exitosa. La tabla de colectores "
            "muestra cuál falló. Sin datos: Prometheus no lee ningún exportador."
        ),
    ),
    ("▼ Failing", "▼ Fallando"),
    ("▲ Up", "▲ Funciona"),
    ("Quota used", "Cuota usada"),
    (
        (
            "Requests to wolkvox today ÷ requests that the licenses allow per local day, of the operation that has "
            "used most. At 100 % polling stops until midnight. No data: no licenses are configured."
        ),
        (
            "Consultas a wolkvox hoy ÷ consultas que permiten las licencias por día local, de la operación que más "
            "ha usado. Al 100 % la consulta se detiene hasta la medianoche. Sin datos: no hay licencias "
            "configuradas."
        ),
    ),
    ("Configuration", "Configuración"),
    (
        "Whether every exporter could load its configuration the last time.",
        "Si cada exportador pudo cargar su configuración la última vez.",
    ),
    ("Scrape", "Lectura"),
    (
        (
            "Whether Prometheus can scrape every exporter. The table of exporters says which one is not reached. "
            "If the exporter is reached but wolkvox does not answer, polling fails."
        ),
        (
            "Si Prometheus puede leer todos los exportadores. La tabla de exportadores muestra cuál no responde. "
            "Si el exportador responde pero wolkvox no, falla la consulta."
        ),
    ),
    ("▼ Not reached", "▼ No alcanzado"),
    ("▲ Reached", "▲ Alcanzado"),
    ("▼ Rejected", "▼ Rechazada"),
    ("▲ Loaded", "▲ Cargada"),
    ("Parse errors", "Errores de lectura"),
    (
        (
            "Values in responses of wolkvox that could not be parsed, in the time range and since the first scrape. "
            "Such a value has no sample."
        ),
        (
            "Valores en respuestas de wolkvox que no se pudieron leer, en el periodo y desde la primera lectura de "
            "Prometheus. Un valor así no tiene muestra."
        ),
    ),
    ("Failing collectors", "Colectores con fallas"),
    (
        "Collectors whose last poll failed, or of which single requests fail.",
        "Colectores cuya última consulta falló, o de los que fallan consultas individuales.",
    ),
    ("Collectors", "Colectores"),
    (
        (
            "Each collector of each operation, the oldest data first. Reason: why the last poll failed; empty if it "
            "succeeded."
        ),
        (
            "Cada colector de cada operación, primero los datos más antiguos. Motivo: por qué falló la última "
            "consulta; vacío si fue exitosa."
        ),
    ),
    ("Collector", "Colector"),
    ("Reason", "Motivo"),
    ("Condition", "Condición"),
    ("▲ Fresh", "▲ Al día"),
    ("▼ Last poll failed", "▼ Última consulta fallida"),
    ("▼ Broken: too old", "▼ Falla: muy antiguos"),
    ("▼ Never succeeded", "▼ Nunca exitosa"),
    ("Age", "Antigüedad"),
    ("Interval", "Intervalo"),
    ("Duration", "Duración"),
    ("Rows", "Filas"),
    ("Freshness", "Actualización"),
    (
        (
            "Alerts about the exporter that fire, and how long their condition has held. A click on the name opens "
            "the runbook, which says what to do. Silences of Alertmanager do not hide alerts here."
        ),
        (
            "Alertas activas sobre el exportador, y desde hace cuánto se cumple su condición. Un clic en el nombre "
            "abre el runbook, que dice qué hacer. Los silencios de Alertmanager no ocultan alertas aquí."
        ),
    ),
    ("Exporters", "Exportadores"),
    (
        "Whether Prometheus reaches each exporter, its configuration, version, revision and uptime.",
        "Si Prometheus puede leer cada exportador, su configuración, versión en ejecución, revisión y tiempo activo.",
    ),
    (
        (
            "Fresh; last poll failed (the values of the poll before are still shown); broken: too old to be shown; "
            "or never succeeded since the exporter started. A gap: Prometheus scraped no exporter."
        ),
        (
            "Al día; última consulta fallida (se muestran los valores de la consulta anterior); falla: muy "
            "antiguos para mostrarlos; o nunca exitosa desde que inició el exportador. Un hueco: Prometheus no "
            "leyó ningún exportador."
        ),
    ),
    (
        "Time since the last successful poll. It should grow to the poll interval and then fall to zero.",
        "Tiempo desde la última consulta exitosa. Debe crecer hasta el intervalo de consulta y luego volver a cero.",
    ),
    ("Quota", "Cuota"),
    (
        "Requests to wolkvox in the local day. Dashed: the number that the licenses allow.",
        "Consultas a wolkvox en el día local. Línea punteada: las que permiten las licencias.",
    ),
    ("limit of {{operation}}", "límite de {{operation}}"),
    ("Failures by reason", "Fallas por motivo"),
    ("No failures", "Sin fallas"),
    ("single requests of {{operation}}", "consultas individuales de {{operation}}"),
    (
        (
            "Collectors whose last poll failed, by reason, and collectors of which single requests fail. "
            "docs/operation.md says what to do for each reason."
        ),
        (
            "Colectores cuya última consulta falló, por motivo, y colectores de los que fallan consultas individuales. "
            "docs/operation.md dice qué hacer con cada motivo."
        ),
    ),
    ("Requests to wolkvox per hour", "Consultas a wolkvox por hora"),
    (
        (
            "Requests in the hour before each point by report, including failed ones, and those that failed or had "
            "a doubtful response, by reason."
        ),
        (
            "Consultas en la hora anterior a cada punto y por reporte, incluidas las fallidas; y las que fallaron "
            "o tuvieron una respuesta dudosa, por motivo."
        ),
    ),
    ("failed: {{reason}}", "fallidas: {{reason}}"),
    ("Responses of wolkvox", "Respuestas de wolkvox"),
    ("Request duration", "Duración de las consultas"),
    ("Requests to wolkvox by duration.", "Consultas a wolkvox por duración."),
    ("Request duration, 95th percentile", "Duración de las consultas, percentil 95"),
    (
        "95 % of the requests take no longer than this, by report.",
        "El 95 % de las consultas no tarda más que esto, por reporte.",
    ),
    ("Parse errors by field", "Errores de lectura por campo"),
    (
        (
            "Values that could not be parsed, by report and field, in the time range and since the first scrape. The "
            "log shows what they look like."
        ),
        (
            "Valores que no se pudieron leer, por reporte y campo, en el periodo y desde la primera lectura de "
            "Prometheus. El registro (log) muestra qué forma tienen."
        ),
    ),
    ("No parse errors", "Sin errores de lectura"),
    ("Report", "Reporte"),
    ("Field", "Campo"),
    ("Errors", "Errores"),
    ("Unusual responses", "Respuestas anómalas"),
    (
        (
            "Responses that had no rows, whose JSON was repaired, or that had duplicate rows, in the time range and "
            "since the first scrape."
        ),
        (
            "Respuestas sin filas, con JSON reparado o con filas duplicadas, en el periodo y desde la primera lectura "
            "de Prometheus."
        ),
    ),
    ("No unusual responses", "Sin respuestas anómalas"),
    ("Empty responses", "Sin filas"),
    ("Repaired JSON", "JSON reparado"),
    ("Duplicate rows", "Filas duplicadas"),
    ("Service level denominator", "Base de cálculo del nivel de servicio"),
    (
        "The calls that wolkvox divides by, inferred from its figures. Evidence: assumed, inferred or contradictory.",
        (
            "Las llamadas entre las que divide wolkvox, deducidas de sus cifras. Evidencia: supuesta, deducida o "
            "contradictoria."
        ),
    ),
    ("Denominator", "Base de cálculo"),
    ("Evidence", "Evidencia"),
    ("calls received", "llamadas recibidas"),
    ("calls answered", "llamadas contestadas"),
    ("assumed", "supuesta"),
    ("inferred", "deducida"),
    ("contradictory", "contradictoria"),
    ("Exporter process", "Proceso del exportador"),
    ("Version", "Versión"),
    ("Revision", "Revisión"),
    ("Uptime", "Tiempo activo"),
    ("Memory", "Memoria"),
    ("Resident memory of the exporter process.", "Memoria residente del proceso del exportador."),
    ("CPU", "CPU"),
    ("Processor time in use; 100 % is one whole core.", "Tiempo de procesador en uso; 100 % es un núcleo entero."),
    ("Open files", "Archivos abiertos"),
    (
        "Open file descriptors. Dashed: the limit, once half of it is used.",
        "Descriptores de archivo abiertos. Línea punteada: el límite, cuando ya se usa la mitad.",
    ),
    ("limit of {{instance}}", "límite de {{instance}}"),
    # The manager's dashboard.
    ("wolkvox: days", "wolkvox: días"),
    (
        (
            "For the manager: the chosen days by half-hour against the same days a week before, the week, the month "
            "with its error budget, and the teams. A half-hour is named by its beginning, and appears a few minutes "
            "after its end."
        ),
        (
            "Para la gerencia: los días elegidos por media hora frente a los mismos días de la semana anterior, la "
            "semana, el mes con su margen de error y los equipos. Una media hora se nombra por su inicio y aparece "
            "unos minutos después de su fin."
        ),
    ),
    ("Team", "Equipo"),
    (
        (
            "Calls answered within the threshold ÷ calls received in the time range, and the target, weighted by "
            "calls. ▲ on target, ▼ below it, ▼▼ below 90 % of it, ~ below it, but with fewer than 30 calls."
        ),
        (
            "Llamadas contestadas dentro del umbral ÷ llamadas recibidas en el rango de tiempo, y la meta, ponderadas "
            "por llamadas. ▲ en meta, ▼ por debajo, ▼▼ por debajo del 90 % de la meta, ~ por debajo, pero con menos de "
            "30 llamadas."
        ),
    ),
    ("{{sign}} target {{target}} %", "{{sign}} meta {{target}} %"),
    (
        (
            "Calls abandoned ÷ calls received in the time range, and the limit, weighted by calls. ▼ within the limit, "
            "▲ above it, ▲▲ above twice the limit, ~ above it, but with fewer than 30 calls."
        ),
        (
            "Llamadas abandonadas ÷ llamadas recibidas en el rango de tiempo, y el límite, ponderados por llamadas. ▼ "
            "dentro del límite, ▲ por encima, ▲▲ por encima del doble, ~ por encima, pero con menos de 30 llamadas."
        ),
    ),
    ("{{sign}} limit {{limit}} %", "{{sign}} límite {{limit}} %"),
    (
        (
            "Calls received in the time range, and in the same time a week before. ▲ and ▼: more or fewer by a quarter "
            "and 10 calls."
        ),
        (
            "Llamadas recibidas en el rango de tiempo y en el mismo tiempo de la semana anterior. ▲ y ▼: más o menos "
            "en un cuarto y 10 llamadas."
        ),
    ),
    ("{{sign}} before {{before}}", "{{sign}} antes {{before}}"),
    ("SL", "NS"),
    ("SL 7 days", "NS 7 días"),
    (
        (
            "Calls answered within the threshold ÷ calls received in the 7 days before the end of the time range, and "
            "the target."
        ),
        (
            "Llamadas contestadas dentro del umbral ÷ llamadas recibidas en los 7 días antes del fin del rango de "
            "tiempo, y la meta."
        ),
    ),
    ("SL this month", "NS del mes"),
    (
        (
            "Calls answered within the threshold ÷ calls received since the first day of this month, and the target. "
            "If the time range is chosen by dates, there is no figure."
        ),
        (
            "Llamadas contestadas dentro del umbral ÷ llamadas recibidas desde el primer día de este mes, y la meta. "
            "Si el rango de tiempo se elige por fechas, no hay cifra."
        ),
    ),
    ("Budget left", "Margen libre"),
    (
        (
            "The error budget of this month is the number of calls that the target allows to be missed, which means "
            "abandoned or answered too late: those of the month so far, and for its rest as many a day as in the last "
            "7 days. ▲ lasts until the end of the month at the pace of the last 7 days, ▼ does not, ▼▼ used up. If the "
            "time range is chosen by dates, there is no figure."
        ),
        (
            "El margen de error de este mes es el número de llamadas que la meta permite incumplir, es decir, "
            "abandonadas o contestadas tarde: las de lo que va del mes y, para el resto, tantas por día como en los "
            "últimos 7 días. ▲ alcanza hasta fin de mes al ritmo de los últimos 7 días, ▼ no alcanza, ▼▼ agotado. Si "
            "el rango de tiempo se elige por fechas, no hay cifra."
        ),
    ),
    ("{{sign}} {{spent}} of {{budget}}", "{{sign}} {{spent}} de {{budget}}"),
    ("Runs out", "Se agota"),
    (
        (
            "The day on which the error budget of this month is used up, if as many calls a day are missed as in the "
            "last 7 days. If the time range is chosen by dates, there is no figure."
        ),
        (
            "El día en que se agota el margen de error de este mes, si cada día se incumplen tantas llamadas como en "
            "los últimos 7 días. Si el rango de tiempo se elige por fechas, no hay cifra."
        ),
    ),
    ("▲ lasts", "▲ alcanza"),
    ("▼▼ used up", "▼▼ agotado"),
    ("{{sign}} as in 7 days", "{{sign}} ritmo de 7 días"),
    ("Calls by half-hour", "Llamadas por media hora"),
    (
        (
            "Calls received and abandoned in each half-hour. Dashed: received at the same time a week before. 0 is no "
            "calls, a gap is no data."
        ),
        (
            "Llamadas recibidas y abandonadas en cada media hora. Línea punteada: recibidas a la misma hora de la "
            "semana anterior. 0 es sin llamadas, un vacío es sin datos."
        ),
    ),
    ("a week before", "semana anterior"),
    ("Service level by half-hour", "Nivel de servicio por media hora"),
    (
        (
            "Calls answered within the threshold ÷ calls received in each half-hour, now and at the same time a week "
            "before. Dashed: the target. Areas without lines: no volume, or no figure."
        ),
        (
            "Llamadas contestadas dentro del umbral ÷ llamadas recibidas en cada media hora, ahora y a la misma hora "
            "de la semana anterior. Línea punteada: la meta. Áreas sin líneas: sin llamadas o sin cifra."
        ),
    ),
    ("service level", "nivel de servicio"),
    ("Service level by weekday, % of the target", "Nivel de servicio por día de la semana, % de la meta"),
    (
        (
            "The share of the target that each half-hour of the last 7 whole days reached, where it is less than 100: "
            "90 is a service level of 72 % with a target of 80 %. ▲: on target. Red: below 90. ~: fewer than 10 calls. "
            "–: no calls. A gap: no data. The figure is a share of the target, because skills have different targets."
        ),
        (
            "Parte de la meta que alcanzó cada media hora de los últimos 7 días completos, si es menos de 100: 90 es "
            "un nivel de servicio de 72 % con una meta de 80 %. ▲: en meta. Rojo: menos de 90. ~: menos de 10 "
            "llamadas. –: sin llamadas. Un vacío: sin datos. La cifra es una parte de la meta, porque las skills "
            "tienen metas distintas."
        ),
    ),
    ("Monday", "Lunes"),
    ("Tuesday", "Martes"),
    ("Wednesday", "Miércoles"),
    ("Thursday", "Jueves"),
    ("Friday", "Viernes"),
    ("Saturday", "Sábado"),
    ("Sunday", "Domingo"),
    ("Worst half-hours", "Peores medias horas"),
    (
        (
            "The half-hours and skills of the time range that were short of most calls: so many more calls had to be "
            "answered within the threshold to reach the target. At most 3 skills of a half-hour; those with fewer than "
            "10 calls are left out. A click on a skill opens its dashboard."
        ),
        (
            "Las medias horas y skills del rango de tiempo a las que les faltaron más llamadas: las que había que "
            "contestar además dentro del umbral para llegar a la meta. Máximo 3 skills por media hora; no aparecen las "
            "de menos de 10 llamadas. Un clic en una skill abre su tablero."
        ),
    ),
    ("No such half-hours", "No hay ninguna"),
    ("Half-hour", "Media hora"),
    ("Teams", "Equipos"),
    (
        (
            "The teams in the time range: first the team that was short of most calls to reach its target. Few calls: "
            "below the target, but with fewer than 30 calls. –: skills without a team. A click on a team shows only "
            "this team."
        ),
        (
            "Los equipos en el rango de tiempo: primero el equipo al que le faltaron más llamadas para llegar a la "
            "meta. Pocas llamadas: por debajo de la meta, pero con menos de 30 llamadas. –: skills sin equipo. Un clic "
            "en un equipo muestra solo ese equipo."
        ),
    ),
    ("Show this team", "Ver este equipo"),
    ("Limit", "Límite"),
    (
        "Calls and abandonment by weekday, best half-hours",
        "Llamadas y abandono por día de la semana, mejores medias horas",
    ),
    ("Calls by weekday", "Llamadas por día de la semana"),
    (
        (
            "Calls received in each half-hour of the last 7 whole days. –: no calls. A gap: no data. A lighter cell "
            "has more calls."
        ),
        (
            "Llamadas recibidas en cada media hora de los últimos 7 días completos. –: sin llamadas. Un vacío: sin "
            "datos. Una celda más clara tiene más llamadas."
        ),
    ),
    ("Abandonment by weekday, multiple of the limit", "Abandono por día de la semana, veces el límite"),
    (
        (
            "Abandonment in each half-hour of the last 7 whole days ÷ the limit, rounded up: 2 is above the limit and "
            "up to twice the limit. ▼: within the limit. ~: fewer than 10 calls. –: no calls. A gap: no data."
        ),
        (
            "Abandono en cada media hora de los últimos 7 días completos ÷ el límite, redondeado hacia arriba: 2 es "
            "más que el límite y hasta el doble. ▼: dentro del límite. ~: menos de 10 llamadas. –: sin llamadas. Un "
            "vacío: sin datos."
        ),
    ),
    ("Best half-hours", "Mejores medias horas"),
    (
        (
            "The half-hours and skills of the time range that exceeded their target by most calls. At most 3 skills of "
            "a half-hour; those with fewer than 10 calls are left out."
        ),
        (
            "Las medias horas y skills del rango de tiempo que superaron su meta por más llamadas. Máximo 3 skills por "
            "media hora; no aparecen las de menos de 10 llamadas."
        ),
    ),
    ("Exceeded by", "Superó por"),
]

SPANISH_OF = dict(TEXTS)
