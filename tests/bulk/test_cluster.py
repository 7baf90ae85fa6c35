"""`sonsu.bulk.cluster` on a Ray cluster of several nodes on this machine, one of which is killed in mid-job."""

from pathlib import Path

import pytest

from sonsu.bulk import run, shard
from sonsu.errors import UsageError
from sonsu.reading.batch import Job

pytestmark = [
    pytest.mark.ray,
    pytest.mark.filterwarnings("ignore:.*:DeprecationWarning", "ignore:.*:FutureWarning", "ignore:.*:ResourceWarning"),
]


@pytest.fixture
def nodes(monkeypatch):
    """A cluster whose head does no work, and its two working nodes of one core each."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        ray.init(cluster.address, log_to_driver=False)
        yield cluster, [cluster.add_node(num_cpus=1) for _ in range(2)]
    finally:
        ray.shutdown()
        cluster.shutdown()


def test_a_killed_node_costs_nothing(lot, tmp_path, contents, nodes):
    from sonsu.bulk.cluster import read_shards

    cluster, workers = nodes
    alive = []

    def on_cluster(work, numbers):
        for done, receipt in enumerate(read_shards(work, numbers, "auto"), 1):
            if done == 3:
                cluster.remove_node(workers.pop(), allow_graceful=False)
            alive.append(len(cluster.list_all_nodes()))
            yield receipt

    def here(work, numbers):
        reader = shard.ShardReader(work)
        return (reader(number) for number in numbers)

    names = tmp_path / "names.txt"
    names.write_text("".join(f"{path}\n" for _ in range(8) for path in sorted(lot.rglob("*.png"))))
    call = Job(one=True), ("parquet", "jsonl")
    manifest, _ = run.run(str(names), str(tmp_path / "cluster"), *call, on_cluster)
    assert manifest["pictures"] == 480
    assert (alive[0], alive[-1]) == (3, 2)
    assert len(alive) == 32
    run.run(str(names), str(tmp_path / "here"), *call, here)
    assert contents(tmp_path / "cluster") == contents(tmp_path / "here")


def test_a_picture_that_crashes_its_actor_costs_its_own_row_only(crashing, tmp_path, rows, nodes):
    from sonsu.bulk.cluster import read_shards

    call = str(crashing), str(tmp_path / "out"), Job(one=True), ("parquet",)
    manifest, _ = run.run(*call, lambda work, numbers: read_shards(work, numbers, "auto"))
    assert (manifest["pictures"], manifest["failed"]) == (15, 1)
    assert "crashed, twice" in rows(tmp_path / "out")[10]["error"]


def test_no_cluster(lot, tmp_path):
    from sonsu.bulk.cluster import read_shards

    with pytest.raises(UsageError, match="no Ray cluster at 'auto'"):
        run.run(str(lot), str(tmp_path), Job(one=True), ("parquet",), lambda *work: read_shards(*work, "auto"))


def test_the_example_clusters():
    import ray
    import yaml
    from ray.autoscaler._private.util import fillout_defaults, validate_config

    folder = Path("examples/cluster")
    validate_config(fillout_defaults(yaml.safe_load((folder / "aws.yaml").read_text())))
    cluster = yaml.safe_load((folder / "kuberay.yaml").read_text())["spec"]["rayClusterSpec"]
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    assert {group["template"]["spec"]["containers"][0]["image"] for group in groups} == {"REGISTRY/sonsu:bulk"}
    assert cluster["rayVersion"] == ray.__version__
    assert f"rayproject/ray:{ray.__version__}-py311" in (folder / "Dockerfile").read_text()
