"""Follows the alert topic with kafka-python (pip install kafka-python) and nothing of Détente.

    python subscribe.py [BROKERS] [TOPIC]

The group remembers how far it got: what comes while this does not run is shown at the next start.
"""

from __future__ import annotations

import json
import sys

from kafka import KafkaConsumer

BROKERS = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:9092"
TOPIC = sys.argv[2] if len(sys.argv) > 2 else "detente.alerts"

consumer = KafkaConsumer(
    TOPIC,
    bootstrap_servers=BROKERS,
    group_id="my-newsroom",
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)
seen = set()  # an id that comes twice (after a crash, say) is the same alert
for record in consumer:
    if record.value is None:
        continue
    alert = json.loads(record.value)
    if alert["id"] not in seen:
        seen.add(alert["id"])
        print(f"{alert['severity'].upper()}  {alert['headline']}")
        print(f"  “{alert['evidence']['text']}”")
        print(f"  {alert['source']}, {alert['published_at']}  {alert['url'] or ''}", flush=True)
    consumer.commit()  # after the alert is told: a crash tells it again rather than never
