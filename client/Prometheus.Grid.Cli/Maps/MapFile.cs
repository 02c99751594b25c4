using Prometheus.Grid.Cli.Output;

namespace Prometheus.Grid.Cli.Maps;

/// <summary>Writes a map in the form that the ending of its name asks for; the file appears when it is complete.</summary>
internal static class MapFile
{
    private static readonly Dictionary<string, Action<SpaceMap, TextWriter>> s_forms = new(StringComparer.Ordinal)
    {
        [".csv"] = MapTable.Write,
        [".svg"] = MapPicture.Write,
        [".html"] = MapPage.Write,
    };

    public static void Check(string path) => WholeFile.Check(path, [.. s_forms.Keys]);

    public static Task WriteAsync(SpaceMap map, string path) => WholeFile.WriteTextAsync(path, writer =>
    {
        s_forms[Path.GetExtension(path)](map, writer);
        return Task.CompletedTask;
    });
}
