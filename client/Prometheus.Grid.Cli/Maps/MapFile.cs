using Prometheus.Grid.Core.Errors;

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

    /// <exception cref="BadInputException">The ending is none of .csv, .svg and .html, or the folder does not exist.</exception>
    public static void Check(string path)
    {
        if (!s_forms.ContainsKey(Path.GetExtension(path)))
            throw new BadInputException("--out", path, "a name that ends in .csv, .svg or .html");
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            throw new BadInputException("--out", path, "a file in a folder that exists");
    }

    public static void Write(SpaceMap map, string path)
    {
        string partial = path + ".partial";
        using (var writer = new StreamWriter(partial) { NewLine = "\n" })
            s_forms[Path.GetExtension(path)](map, writer);
        File.Move(partial, path, overwrite: true);
    }
}
