using System.Globalization;
using System.Net;

namespace Prometheus.Grid.Cli.Maps;

/// <summary>A scatter plot as SVG: a dot an entity, its colour the group, its id and name as the tooltip.</summary>
internal static class MapPicture
{
    private const double Width = 960, Height = 720, Margin = 30, LegendWidth = 220;

    // Okabe and Ito's colours, told apart by colour-blind readers too, then lighter ones; grey for all further groups.
    private static readonly string[] s_colours =
        ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C510A", "#5E3C99", "#7FBC41", "#C51B7D", "#01665E", "#999999"];

    public static void Write(SpaceMap map, TextWriter writer)
    {
        writer.WriteLine(Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">"));
        writer.WriteLine(Line($"<title>{Escape(map.Title)}</title><rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>"));
        writer.WriteLine(Line($"<text x=\"{Margin}\" y=\"20\" font-size=\"14\">{Escape(map.Title)}</text>"));
        Legend(map, writer);
        var (left, bottom, scale) = Frame(map);
        var groups = map.Groups.Select((group, index) => (group, index)).ToDictionary(g => g.group, g => g.index, StringComparer.Ordinal);
        // Ten thousand dots of the size that suits a hundred would hide each other.
        double radius = Math.Clamp(150 / Math.Sqrt(map.Points.Count), 1.5, 3);
        for (int i = 0; i < map.Points.Count; i++)
        {
            var point = map.Points[i];
            double x = Margin + (point.X - left) * scale, y = Height - Margin - (point.Y - bottom) * scale;
            string label = point.Name.Length > 0 ? $"{point.EntityId} {point.Name}" : point.EntityId;
            writer.WriteLine(Line(
                $"<circle data-row=\"{i}\" cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"{radius:0.#}\" fill=\"{Colour(groups[point.Group])}\" fill-opacity=\"0.75\"><title>{Escape(label)}</title></circle>"));
        }
        writer.WriteLine("</svg>");
    }

    private static void Legend(SpaceMap map, TextWriter writer)
    {
        if (map.Groups is [""])
            return;
        int shown = Math.Min(map.Groups.Count, s_colours.Length);
        for (int i = 0; i < shown; i++)
        {
            bool further = i == s_colours.Length - 1 && map.Groups.Count > s_colours.Length;
            string name = further ? $"{map.Groups.Count - i} further groups" : map.Groups[i].Length > 0 ? map.Groups[i] : "no group";
            double x = Width - LegendWidth, y = 40 + 18 * i;
            writer.WriteLine(Line($"<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"{Colour(i)}\"/><text x=\"{x + 10}\" y=\"{y + 4}\">{Escape(name)}</text>"));
        }
    }

    /// <summary>One scale for both axes, so that distances on the picture are those of the map.</summary>
    private static (double Left, double Bottom, double Scale) Frame(SpaceMap map)
    {
        double left = map.Points.Min(p => p.X), right = map.Points.Max(p => p.X), bottom = map.Points.Min(p => p.Y), top = map.Points.Max(p => p.Y);
        double scale = Math.Min((Width - LegendWidth - 2 * Margin) / Math.Max(right - left, 1e-9), (Height - 2 * Margin - 20) / Math.Max(top - bottom, 1e-9));
        return (left, bottom, scale);
    }

    private static string Colour(int group) => s_colours[Math.Min(group, s_colours.Length - 1)];

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
