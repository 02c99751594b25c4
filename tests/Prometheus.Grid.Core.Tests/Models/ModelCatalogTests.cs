using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Tests.Models;

public sealed class ModelCatalogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-models-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_promised_v1_model_is_there()
    {
        string[] promised =
        [
            "num-profile-core-v1", "num-regime-core-v1", "num-stab-core-v1", "num-scenario-core-v1", "num-portfolio-core-v1",
            "numeric-simple-v1", "text-profile-v1", "text-hash-v1",
        ];
        Assert.All(promised, id => Assert.Equal(id, Catalogs.Shipped.Model(id).ModelId));
        Assert.Equal("PROFILE_CORE_V0", Catalogs.Shipped.Space("joint-profile-core-v1").JointType);
        Assert.Equal("PORTFOLIO_CORE_V0", Catalogs.Shipped.Space("joint-portfolio-core-v1").JointType);
    }

    [Fact]
    public void Any_seed_window_name_is_a_price_window() =>
        Assert.Equal("price-window", Catalogs.Shipped.Model("num-mine-core-v1", BranchKind.Numeric, EntityKind.Instrument).Encoder);

    [Theory]
    [InlineData("num-../../x-core-v1")]
    [InlineData("num-UPPER-core-v1")]
    [InlineData("nothing-v1")]
    public void An_unknown_model_is_not_found_and_known_ones_are_named(string id)
    {
        var error = Assert.Throws<NotFoundException>(() => Catalogs.Shipped.Model(id));
        Assert.Contains("num-profile-core-v1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_another_kind_is_refused_and_fitting_ones_are_named()
    {
        var error = Assert.Throws<BadInputException>(() => Catalogs.Shipped.Model("text-hash-v1", BranchKind.Numeric, EntityKind.Instrument));
        Assert.Contains("num-regime-core-v1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_space_of_portfolios_is_refused_for_issuers() =>
        Assert.Throws<BadInputException>(() => Catalogs.Shipped.Space("joint-portfolio-core-v1", EntityKind.Issuer));

    [Fact]
    public void A_catalog_that_travelled_as_text_is_the_same_catalog()
    {
        string json = Catalogs.Shipped.ToJson();
        var arrived = ModelCatalog.FromJson(json);
        Assert.Equal(json, arrived.ToJson());
        Assert.Equal(Catalogs.Shipped.Models.Select(model => model.ModelId), arrived.Models.Select(model => model.ModelId));
        Assert.Equal(126, arrived.Model("num-profile-core-v1").Int32Parameter("window_days"));
        Assert.Equal(Catalogs.Shipped.Spaces.SelectMany(space => space.Branches), arrived.Spaces.SelectMany(space => space.Branches));
        Assert.Throws<BadInputException>(() => ModelCatalog.FromJson("[]"));
    }

    [Theory]
    [InlineData("{", "a manifest")]
    [InlineData("null", "an object")]
    [InlineData("""{"model_id":"a","kind":"numeric","entity":"issuer","encoder":"x","colour":"red"}""", "model_id, kind, entity, encoder, dimension")]
    [InlineData("""{"model_id":"a","model_id":"a","kind":"numeric","entity":"issuer","encoder":"x"}""", "a manifest")]
    [InlineData("""{"model_id":"a","kind":"colour","entity":"issuer","encoder":"x"}""", "numeric, text, joint")]
    [InlineData("""{"model_id":"a","kind":"numeric","entity":"issuer"}""", "a text")]
    [InlineData("""{"model_id":"a","kind":"numeric","entity":"issuer","encoder":"x","dimension":0}""", "1 or more")]
    [InlineData("""{"model_id":"a","kind":"numeric","entity":"issuer","encoder":"x","files":[{"name":"f","size":-1}]}""", "0 or more")]
    [InlineData("""{"model_id":"A B","kind":"numeric","entity":"issuer","encoder":"x"}""", "lower-case")]
    [InlineData("""{"model_id":"../a","kind":"numeric","entity":"issuer","encoder":"x"}""", "lower-case")]
    public void A_bad_manifest_names_its_file_and_what_is_allowed(string json, string allowed)
    {
        File.WriteAllText(Path.Combine(_folder, "bad.json"), json);
        var error = Assert.Throws<BadInputException>(() => ModelCatalog.Load(_folder));
        Assert.Contains("bad.json", error.Field, StringComparison.Ordinal);
        Assert.Contains(allowed, error.Allowed, StringComparison.Ordinal);
    }

    /// <summary>A manifest names files that are written and read, and addresses that are asked, so neither may lead elsewhere than it seems to.</summary>
    [Theory]
    [InlineData("name", "../../.ssh/authorized_keys")]
    [InlineData("name", "/etc/cron.d/mine")]
    [InlineData("name", "sub/model.onnx")]
    [InlineData("name", "..\\\\mine")]
    [InlineData("name", "C:mine")]
    [InlineData("name", ".")]
    [InlineData("name", "..")]
    [InlineData("name", "")]
    [InlineData("name", "a\\u0000b")]
    [InlineData("url", "file:///etc/passwd")]
    [InlineData("url", "ftp://host/file")]
    [InlineData("url", "//host/file")]
    [InlineData("url", "http://user:secret@host/file")]
    [InlineData("url", "not an address")]
    [InlineData("sha256", "")]
    [InlineData("sha256", "zz")]
    public void A_file_of_a_model_leads_nowhere_else(string field, string value)
    {
        var file = new Dictionary<string, string> { ["name"] = "model.onnx", ["sha256"] = new('0', 64), ["url"] = "https://host/file" };
        Assert.Equal("model.onnx", Load().Files[0].Name);
        file[field] = value;
        Assert.Contains(field, Assert.Throws<BadInputException>(Load).Field, StringComparison.Ordinal);

        ModelManifest Load()
        {
            string fields = string.Join(',', file.Select(pair => $"\"{pair.Key}\":\"{pair.Value}\""));
            File.WriteAllText(Path.Combine(_folder, "mine.json"), $$"""{"model_id":"text-mine-v1","kind":"text","entity":"issuer","encoder":"transformer","files":[{"size":1,{{fields}}}]}""");
            return ModelCatalog.Load(_folder).Model("text-mine-v1");
        }
    }

    [Fact]
    public void One_id_is_one_computation()
    {
        const string Json = """{"model_id":"num-mine-v1","kind":"numeric","entity":"instrument","encoder":"price-window"}""";
        File.WriteAllText(Path.Combine(_folder, "a.json"), Json);
        File.WriteAllText(Path.Combine(_folder, "b.json"), Json);
        Assert.Throws<BadInputException>(() => ModelCatalog.Load(_folder));
    }

    [Fact]
    public void A_new_space_is_a_new_manifest()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "spaces"));
        File.WriteAllText(
            Path.Combine(_folder, "spaces", "joint-mine-v1.json"),
            """
            {"model_id":"joint-mine-v1","joint_type":"MINE","entity":"issuer","fusion":"blocks","branches":[
              {"name":"numeric","kind":"numeric","model_id":"num-profile-core-v1","weight":1,"required":true,"dimensions":300},
              {"name":"text","kind":"text","model_id":"text-hash-v1","weight":3,"required":true,"dimensions":84}]}
            """);
        Assert.Equal(2, ModelCatalog.Load(_folder).Space("joint-mine-v1").Branches.Count);
    }

    [Fact]
    public void Blocks_must_fit_into_the_joint_vector()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "spaces"));
        File.WriteAllText(
            Path.Combine(_folder, "spaces", "joint-mine-v1.json"),
            """
            {"model_id":"joint-mine-v1","joint_type":"MINE","entity":"issuer","fusion":"blocks","branches":[
              {"name":"numeric","kind":"numeric","model_id":"num-profile-core-v1","weight":1,"required":true,"dimensions":385}]}
            """);
        Assert.Contains("384", Assert.Throws<BadInputException>(() => ModelCatalog.Load(_folder)).Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_model_id_removes_a_branch_unless_it_is_required()
    {
        var space = Catalogs.Shipped.Space("joint-profile-core-v1");
        var without = space.WithBranchModels(new Dictionary<string, string> { ["behaviour"] = "", ["text"] = "text-hash-v1" });
        Assert.Equal(["num-profile-core-v1", "text-hash-v1"], without.Branches.Select(b => b.ModelId));
        Assert.Throws<BadInputException>(() => space.WithBranchModels(new Dictionary<string, string> { ["text"] = "" }));
        Assert.Throws<BadInputException>(() => space.WithBranchModels(new Dictionary<string, string> { ["colour"] = "x" }));
    }
}
